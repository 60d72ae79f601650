import { newEventName } from '../../../../src/embedded/api-client/index.ts'

test('Events of one moment are listed by name in the order in which they were made, after the name of their object', () => {
  const names = Array.from({ length: 1000 }, () => newEventName('db-0'))
  expect(new Set(names).size).toBe(1000)
  expect([...names].sort()).toEqual(names)
  expect(names[0]).toMatch(/^db-0\.[0-9a-f]{16}$/)
})
