import { jest } from '@jest/globals'
import { after } from '../../../src/embedded/after.ts'

const dayMs = 24 * 3600 * 1000

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

test.each([1, 1000, 100 * dayMs])('after %d ms it calls back once, and no sooner', (delayMs) => {
  const call = jest.fn()
  after(delayMs, call)
  jest.advanceTimersByTime(delayMs - 1)
  expect(call).not.toHaveBeenCalled()
  jest.advanceTimersByTime(1 + 100 * dayMs)
  expect(call).toHaveBeenCalledTimes(1)
})

test.each([0, 30 * dayMs])('what is taken back after %d ms does not happen', (passedMs) => {
  const call = jest.fn()
  const cancel = after(50 * dayMs, call)
  jest.advanceTimersByTime(passedMs)
  cancel()
  jest.advanceTimersByTime(100 * dayMs)
  expect(call).not.toHaveBeenCalled()
})
