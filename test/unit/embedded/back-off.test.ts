import { BackOff, containerDelays, nodeDelays } from '../../../src/embedded/back-off.ts'

test('the first restart comes at once, later ones after 10 s, doubling to 5 min', () => {
  const backOff = new BackOff(containerDelays)
  const delays = Array.from({ length: 8 }, () => backOff.next(100) / 1000)
  expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
})

test('a container that ran for ten minutes is well again', () => {
  const backOff = new BackOff(containerDelays)
  for (let count = 0; count < 4; count++) backOff.next(100)
  expect(backOff.next(600_000)).toBe(0)
})

test('nodes that end again and again wait longer each time, up to 10 s; what ran well begins anew', () => {
  const delay = new BackOff(nodeDelays)
  const waits = Array.from({ length: 6 }, () => delay.next(100))
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
  expect(delay.next(60_000)).toBe(1000)
  expect(delay.next(100)).toBe(2000)
})
