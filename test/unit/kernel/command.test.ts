import { command } from '../../../src/kernel/command.ts'

test('a command gets its input and gives its output', async () => {
  expect(await command(['cat'], { stdin: 'hello' })).toBe('hello')
})

test('a failure carries what the program said and a line to paste', async () => {
  await expect(command(['sh', '-c', 'echo "no such thing" >&2; exit 4'])).rejects.toMatchObject({
    code: 'command-failed',
    cause: 'no such thing',
    hint: `sh -c 'echo "no such thing" >&2; exit 4'`,
  })
})

test('a program that does not exist is a missing package', async () => {
  await expect(command(['ztlab-no-such-program'])).rejects.toMatchObject({ code: 'missing-package' })
})
