import { commands } from '../../../src/cli/commands/index.ts'
import { parse, withRun } from '../../../src/cli/program.ts'

const read = (...argv: string[]) => parse(argv, commands, '1.2.3')

describe('parse', () => {
  test('finds the command, its arguments and its options with their defaults', () => {
    const { command, args, options } = read('lab', 'run', 'calico-basics', '--output', 'json')
    expect(command?.usage).toBe('lab run <lab>')
    expect(args).toEqual(['calico-basics'])
    expect(options).toMatchObject({ output: 'json', cluster: process.env.ZTLAB_CLUSTER ?? 'embedded' })
  })

  test('takes the cluster from the environment, and the flag before it', () => {
    const before = process.env.ZTLAB_CLUSTER
    process.env.ZTLAB_CLUSTER = 'kind'
    try {
      expect(read('lab', 'calico-basics').options.cluster).toBe('kind')
      expect(read('lab', 'calico-basics', '--cluster', 'embedded').options.cluster).toBe('embedded')
    } finally {
      if (before === undefined) delete process.env.ZTLAB_CLUSTER
      else process.env.ZTLAB_CLUSTER = before
    }
  })

  test('collects an option that may be given several times', () => {
    expect(read('matrix', '--from', 'a/b', '--from', 'c/d').options.from).toEqual(['a/b', 'c/d'])
  })

  test('keeps what follows -- for the command on the node', () => {
    expect(read('cluster', 'shell', '--', 'nft', '-a', 'list').args).toEqual(['nft', '-a', 'list'])
  })

  test.each([
    ['an unknown command', ['nonsense'], 'ztlab --help'],
    ['a noun without its verb', ['cluster'], 'ztlab cluster --help'],
    ['nothing at all', [], 'ztlab --help'],
    ['an unknown option', ['doctor', '--nonsense'], 'ztlab doctor --help'],
    ['an argument too many', ['lab', 'run', 'one', 'two'], 'ztlab lab run --help'],
    ['a missing argument', ['inspect', 'pod'], 'ztlab inspect pod --help'],
    ['a format that does not exist', ['lab', 'run', 'x', '--output', 'pdf'], 'ztlab lab run --help'],
    ['an option without its value', ['lab', 'run', 'x', '--output'], 'ztlab lab run --help'],
  ])('refuses %s as bad input and says where to look', (_what, argv, hint) => {
    expect(() => read(...argv)).toThrow(expect.objectContaining({ code: 'bad-input', hint, exitCode: 2 }))
  })

  test.each(commands.map(({ usage }) => usage))('`%s --help` shows its options and runs nothing', (usage) => {
    const words = usage.split(' ').filter((word) => !/^[<[]/.test(word))
    const { command, help } = read(...words, '--help')
    expect(command).toBeNull()
    expect(help).toContain(`Usage: ztlab ${words.join(' ')}`)
    expect(help).toContain('--verbose')
  })

  test('the first help says of each word what it does, of a noun its verbs', () => {
    const { help } = read('--help')
    expect(help).toMatch(/^ {2}lab {2,}run, list, show$/m)
    expect(help.split('Commands:')[1]).not.toMatch(/^ {2}\S+$/m)
  })
})

test.each([
  [
    ['lab', 'calico-basics'],
    ['lab', 'run', 'calico-basics'],
  ],
  [
    ['lab', '--step', 'calico-basics'],
    ['lab', 'run', '--step', 'calico-basics'],
  ],
  [
    ['lab', 'list'],
    ['lab', 'list'],
  ],
  [
    ['lab', '--help'],
    ['lab', '--help'],
  ],
  [['lab'], ['lab']],
  [['doctor'], ['doctor']],
])('%j is read as %j', (argv, expected) => {
  expect(withRun(argv, commands)).toEqual(expected)
})
