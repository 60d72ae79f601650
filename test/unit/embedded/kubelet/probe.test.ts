import { createServer } from 'node:net'
import { join } from 'node:path'
import { Probe, type ProbeTarget, runProbe } from '../../../../src/embedded/kubelet/probe.ts'
import { testUnless } from '../../../support/test-unless.ts'

const target: ProbeTarget = {
  // This process's own: entering it needs privileges, so probes here run commands in the container.
  netns: '/proc/self/ns/net',
  address: '127.0.0.1',
  namedPorts: {},
  agentDirectory: join(import.meta.dirname, '../../../../src/embedded/runtime/agent'),
  exec: async ([word]) => ({ exitCode: word === 'true' ? 0 : 1, output: '' }),
}
const execOf = (...command: string[]) => ({ exec: { command } })

test('an exec probe is as the command ends', async () => {
  expect(await runProbe(execOf('true'), target, false)).toMatchObject({ ok: true })
  expect(await runProbe(execOf('false'), target, false)).toEqual({ ok: false, detail: 'exit code 1' })
})

test('an exec probe that takes too long says so', async () => {
  const slow = { ...target, exec: async () => ({ exitCode: 137, output: '', isLate: true }) }
  expect(await runProbe({ ...execOf('sleep', '9'), timeoutSeconds: 2 }, slow, false)).toEqual({
    ok: false,
    detail: 'command timed out: "sleep 9" timed out after 2s',
  })
})

test('the first attempt comes at once, and one success suffices', async () => {
  const started = performance.now()
  await new Promise<void>((resolve) => {
    const probe = new Probe('readiness', execOf('true'), target, {
      onChange: (ready) => {
        expect(ready).toBe(true)
        probe.stop()
        resolve()
      },
      onFailure: () => undefined,
    })
    probe.start()
  })
  expect(performance.now() - started).toBeLessThan(500)
})

test('a failure is told, and a container that never was ready does not become unready', async () => {
  const changes: boolean[] = []
  const detail = await new Promise<string>((resolve) => {
    const probe = new Probe('readiness', { ...execOf('false'), failureThreshold: 1 }, target, {
      onChange: (ready) => changes.push(ready),
      onFailure: (text) => {
        probe.stop()
        resolve(text)
      },
    })
    probe.start()
  })
  expect(detail).toBe('exit code 1')
  expect(changes).toEqual([])
})

test.each([
  ['liveness', 'true', []],
  ['liveness', 'false', [false]],
  ['startup', 'true', [true]],
  ['startup', 'false', [false]],
] as const)('a %s probe of %s says %j', async (kind, word, expected) => {
  const changes: boolean[] = []
  const probe = new Probe(kind, { ...execOf(word), failureThreshold: 1 }, target, {
    onChange: (ok) => changes.push(ok),
    onFailure: () => undefined,
  })
  probe.start()
  await new Promise((resolve) => setTimeout(resolve, 50))
  probe.stop()
  expect(changes).toEqual(expected)
})

testUnless(process.getuid?.() === 0 ? null : 'TCP probes enter a network namespace, which needs root', {
  title: 'a patient TCP probe waits for a server that is about to listen; another does not',
  body: async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    await new Promise((resolve) => server.close(resolve))
    const probe = { tcpSocket: { port } }
    expect(await runProbe(probe, target, false)).toMatchObject({
      ok: false,
      detail: expect.stringMatching('refused'),
    })
    const patient = runProbe(probe, target, true)
    const later = createServer()
    setTimeout(() => later.listen(port, '127.0.0.1'), 100)
    expect(await patient).toMatchObject({ ok: true })
    later.close()
  },
})
