import { jest } from '@jest/globals'
import { renewInTime } from '../../../../src/embedded/kubelet/renew-in-time.ts'

const secondMs = 1000
const hourMs = 3600 * secondMs

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

test.each([
  [hourMs, 0.8 * hourMs],
  [48 * hourMs, 24 * hourMs],
])('what lives for %d ms is renewed after %d ms, again and again', async (lifeMs, everyMs) => {
  let renewed = 0
  const end = renewInTime(lifeMs, async () => {
    renewed += 1
  })
  await jest.advanceTimersByTimeAsync(everyMs - 1)
  expect(renewed).toBe(0)
  await jest.advanceTimersByTimeAsync(1)
  expect(renewed).toBe(1)
  await jest.advanceTimersByTimeAsync(2 * everyMs)
  expect(renewed).toBe(3)
  end()
  await jest.advanceTimersByTimeAsync(2 * everyMs)
  expect(renewed).toBe(3)
})
