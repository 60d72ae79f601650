import { RestartDelay } from '../../../src/embedded/restart-delay.ts'

test('what ends again and again waits longer each time, up to 10 s; what ran well begins anew', () => {
  const delay = new RestartDelay()
  const waits = Array.from({ length: 6 }, () => delay.next(100))
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
  expect(delay.next(60_000)).toBe(1000)
  expect(delay.next(100)).toBe(2000)
})
