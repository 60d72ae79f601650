import type { Part } from '../backend.ts'

export const exec: Part = (world) => {
  const inClient = (command: string[], more: { stdin?: string; container?: string } = {}) =>
    world().kube.exec({ namespace: 'shop', pod: 'client', command, ...more })

  test.each([0, 1, 3, 126, 200])("exit code %d is the command's own", async (code) => {
    expect(await inClient(['sh', '-c', `exit ${code}`])).toMatchObject({ code })
  })

  test('output and errors come apart, words stay words', async () => {
    const { code, stdout, stderr } = await inClient(['sh', '-c', 'echo "$0"; echo oops >&2', 'a  b $(c)'])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'a  b $(c)\n', stderr: 'oops\n' })
  })

  test('a word may be as long as no header of most servers', async () => {
    const word = 'x'.repeat(30_000)
    expect(await inClient(['sh', '-c', 'printf %s "$0"', word])).toMatchObject({ code: 0, stdout: word })
  })

  test('standard input arrives whole, and ends', async () => {
    const stdin = `${'0123456789'.repeat(20_000)}ü\n`
    expect(await inClient(['cat'], { stdin })).toMatchObject({ code: 0, stdout: stdin })
  })

  test('runs in the container that was named', async () => {
    const { kube } = world()
    const request = { namespace: 'shop', pod: 'web', command: ['cat', '/proc/1/cmdline'] }
    const outputs = await Promise.all(
      ['main', 'main2'].map((container) => kube.exec({ ...request, container })),
    )
    expect(outputs.map(({ stdout }) => /http-port=(\d+)/.exec(stdout)?.[1])).toEqual(['80', '81'])
  })

  test('a container, a pod and a program that do not exist are errors, each in words', async () => {
    const { kube } = world()
    await expect(inClient(['true'], { container: 'nope' })).rejects.toMatchObject({
      isLabError: true,
      problems: [expect.stringContaining('nope')],
    })
    await expect(kube.exec({ namespace: 'shop', pod: 'nobody', command: ['true'] })).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(inClient(['/no/such/program'])).rejects.toMatchObject({
      code: 'command-failed',
      cause: expect.stringContaining('/no/such/program'),
    })
  })

  test('a port of a pod is a connection from inside it; where nobody listens it breaks, with why', async () => {
    const request = { namespace: 'shop', pod: 'web' }
    const open = await world().kube.portForward({ ...request, port: 80 })
    open.write('GET /hostname HTTP/1.0\r\n\r\n')
    const chunks = await open.toArray()
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.[01] 200 OK[\s\S]*web$/)
    const refused = await world().kube.portForward({ ...request, port: 99 })
    refused.write('hello')
    await expect(refused.toArray()).rejects.toMatchObject({
      code: 'cluster-unreachable',
      cause: expect.stringMatching(/refused/),
    })
    await expect(
      world().kube.portForward({ namespace: 'shop', pod: 'nobody', port: 80 }),
    ).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('a command that does not end is given up in time', async () => {
    const command = ['sleep', '30']
    await expect(
      world().kube.exec({ namespace: 'shop', pod: 'client', command, timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'timeout' })
  })
}
