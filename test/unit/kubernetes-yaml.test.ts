import { parse, stringify } from 'yaml'
import { kubernetesYaml } from '../../src/kubernetes-yaml.ts'

/** What `kubectl label --local -f FILE a=b -o json` (1.32) makes of them, less the truth values of YAML 1.1. */
const read: [string, unknown][] = [
  ['0755', 493],
  ['0o755', 493],
  ['-0755', -493],
  ['0_7', 7],
  ['00', 0],
  ['08', 8],
  ['1_000', 1000],
  ['1__0', 10],
  ['+12', 12],
  ['0b11', 3],
  ['0x1F', 31],
  ['1_0.5_0', 10.5],
  ['012e3', 12_000],
  ['1e3', 1000],
  ['1.', 1],
  ['.5', 0.5],
  ['y', 'y'],
  ['N', 'N'],
  ['on', 'on'],
  ['Off', 'Off'],
  ['YES', 'YES'],
  ['TRUE', true],
  ['~', null],
  ['Null', null],
  ['!!int "0755"', 493],
  ['!!str 0755', '0755'],
  ['"0755"', '0755'],
  ['tRUE', 'tRUE'],
  ['0o8', '0o8'],
  ['0x', '0x'],
  ['_1', '_1'],
  ['190:20:30', '190:20:30'],
  ['2001-01-01', '2001-01-01'],
  ['=', '='],
]

test.each(read)('%s is read as %j', (text, value) => {
  expect(parse(`key: ${text}`, kubernetesYaml)).toEqual({ key: value })
})

test('keys are read so, too', () => {
  expect(parse('{ on: a, 0755: b }', kubernetesYaml)).toEqual({ on: 'a', 493: 'b' })
})

test.each(read.map(([text]) => text.replace(/^!!\w+ /, '').replaceAll('"', '')))(
  'the text %s is written so that it stays one',
  (text) => expect(parse(stringify({ key: text }, kubernetesYaml), kubernetesYaml)).toEqual({ key: text }),
)

test.each(['y', 'No', 'on', 'OFF', '0755', '1_000'])(
  'kubectl reads %s as a text where it is meant',
  (text) => {
    expect(stringify({ key: text }, kubernetesYaml)).toBe(`key: "${text}"\n`)
  },
)
