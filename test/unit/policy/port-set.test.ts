import { everyPort, portSet, portSetText, withoutPorts } from '../../../src/policy/port-set.ts'

const set = (text: string) =>
  portSet(
    text === ''
      ? []
      : text.split(',').map((part) => {
          const [first, last = first] = part.split('-').map(Number)
          return { first: first!, last: last! }
        }),
  )

test.each([
  ['', 'none'],
  ['1-65535', 'all'],
  ['80,80', '80'],
  ['81,80', '80-81'],
  ['1-10,5-7,12', '1-10,12'],
  ['2-65535', '2-65535'],
  ['1-65534', '1-65534'],
  ['1-10,12-65535', '1-10,12-65535'],
  ['1-10,11-12', '1-12'],
  ['10-20,1-15', '1-20'],
])('%p is %s', (ranges, text) => {
  expect(portSetText(set(ranges))).toBe(text)
})

test.each([
  ['1-10', '5', '1-4,6-10'],
  ['1-10', '1-3,9-20', '4-8'],
  ['1-3,7-9', '2-8', '1,9'],
  ['5', '1-10', 'none'],
  ['1-10', '', '1-10'],
  ['5-10', '1-4,11-20', '5-10'],
  ['5-10', '1-5', '6-10'],
  ['5-10', '10-20', '5-9'],
  ['5-10,20-30', '7,25', '5-6,8-10,20-24,26-30'],
  ['5-10', '4,11', '5-10'],
])('%s without %s is %s', (from, taken, left) => {
  expect(portSetText(withoutPorts(set(from), set(taken)))).toBe(left)
})

test('what is left and what was taken are the whole', () => {
  const some = set('80,443,8000-9000')
  expect(portSet([...some, ...withoutPorts(everyPort, some)])).toEqual(everyPort)
})
