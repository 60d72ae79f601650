import { pasteable, run } from '../../src/exec.ts'

describe('run', () => {
  test('hands words to the program as they are', async () => {
    const words = ['a b', "it's", '$HOME', '; rm -rf /nowhere', '*']
    const result = await run(['printf', '%s\\n', ...words])
    expect(result.stdout).toBe(`${words.join('\n')}\n`)
    expect(result.code).toBe(0)
  })

  test('feeds standard input and returns an exit code when failure is allowed', async () => {
    const result = await run(['sh', '-c', 'cat; echo no >&2; exit 7'], { stdin: 'hello', allowFailure: true })
    expect(result).toMatchObject({ code: 7, stdout: 'hello', stderr: 'no\n' })
  })

  test('hands over environment and working directory; system folders are on PATH', async () => {
    const env = { GREETING: 'hello', PATH: undefined }
    const result = await run(['/bin/sh', '-c', 'echo "$GREETING $(pwd)"'], { env, cwd: '/usr' })
    expect(result.stdout).toBe('hello /usr\n')
    const path = await run(['sh', '-c', 'echo "$PATH"'])
    expect(path.stdout).toContain('/usr/sbin')
  })

  test('names the program that is not installed', async () => {
    await expect(run(['no-such-program'])).rejects.toMatchObject({ code: 'missing-package' })
    await expect(run(['no-such-program'], { allowFailure: true })).rejects.toMatchObject({
      code: 'missing-package',
    })
  })

  test('kills what does not answer in time and says how long it waited', async () => {
    await expect(run(['sleep', '5'], { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('50 ms: sleep 5'),
    })
  })

  test('does not wait for what the killed command left behind, and needs no ps', async () => {
    const controller = new AbortController()
    let left = 0
    const killed = run(['sh', '-c', 'sleep 600 & echo $!; wait'], {
      signal: controller.signal,
      env: { PATH: '/usr/bin:/bin' },
      onStdout(pid) {
        left = Number(pid)
        controller.abort()
      },
    })
    await expect(killed).rejects.toMatchObject({ code: 'command-failed' })
    // It is still there: to end it is no error.
    process.kill(left)
  })

  test('a failure carries a line to paste and what the command printed', async () => {
    await expect(run(['sh', '-c', 'echo broken >&2; exit 3'])).rejects.toMatchObject({
      code: 'command-failed',
      cause: 'broken',
      hint: "sh -c 'echo broken >&2; exit 3'",
    })
  })

  test('ends the command when its signal is aborted', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 30)
    await expect(run(['sleep', '5'], { signal: controller.signal })).rejects.toMatchObject({
      code: 'command-failed',
    })
  })
})

test('pasteable quotes what a shell would read otherwise', () => {
  expect(pasteable(['echo', 'plain', 'a b', "it's"])).toBe("echo plain 'a b' 'it'\\''s'")
})
