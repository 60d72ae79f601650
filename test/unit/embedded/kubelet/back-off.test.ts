import { BackOff } from '../../../../src/embedded/kubelet/back-off.ts'

test('the first restart comes at once, later ones after 10 s, doubling to 5 min', () => {
  const backOff = new BackOff()
  const delays = Array.from({ length: 8 }, () => backOff.next(100) / 1000)
  expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
})

test('a container that ran for ten minutes is well again', () => {
  const backOff = new BackOff()
  for (let count = 0; count < 4; count++) backOff.next(100)
  expect(backOff.next(600_000)).toBe(0)
})
