import { join } from 'node:path'
import { jest } from '@jest/globals'
import { Probe, type ProbeKind, type ProbeTarget, runProbe } from '../../../../src/embedded/kubelet/probe.ts'
import { closedTcpPort } from '../../../support/closed-port.ts'
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

/** What a probe has said when its first attempt has been made, and no time has passed. */
async function firstChanges(kind: ProbeKind, word: string, failureThreshold?: number): Promise<boolean[]> {
  const changes: boolean[] = []
  const listener = { onChange: (ok: boolean) => void changes.push(ok), onFailure: () => undefined }
  const probe = new Probe(kind, { ...execOf(word), failureThreshold }, target, listener)
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
  try {
    probe.start()
    await jest.advanceTimersByTimeAsync(0)
  } finally {
    probe.stop()
    jest.useRealTimers()
  }
  return changes
}

test('the first attempt comes at once, and one success suffices', async () => {
  expect(await firstChanges('readiness', 'true')).toEqual([true])
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
  expect(await firstChanges(kind, word, 1)).toEqual(expected)
})

testUnless(process.getuid?.() === 0 ? null : 'TCP probes enter a network namespace, which needs root', {
  title: 'a patient TCP probe waits for a server that is about to listen; another does not',
  body: async () => {
    const { port, listen } = await closedTcpPort()
    const probe = { tcpSocket: { port }, timeoutSeconds: 30 }
    expect(await runProbe(probe, target, false)).toMatchObject({
      ok: false,
      detail: expect.stringMatching('refused'),
    })
    const patient = runProbe(probe, target, true)
    setTimeout(listen, 100)
    expect(await patient).toMatchObject({ ok: true })
  },
})
