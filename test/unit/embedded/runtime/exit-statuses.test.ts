import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ExitStatuses } from '../../../../src/embedded/runtime/exit-statuses.ts'
import { refTo } from '../../../../src/process-ref.ts'

test('an exit code is the upper byte of a wait status', async () => {
  const statuses = new ExitStatuses()
  const waiting = statuses.wait(41)
  statuses.take('41 768')
  expect(await waiting).toMatchObject({ exitCode: 3, signal: 0 })
})

test('a process killed by a signal has 128 and the signal as its code', async () => {
  const statuses = new ExitStatuses()
  const waiting = statuses.wait(42)
  statuses.take('42 9')
  expect(await waiting).toMatchObject({ exitCode: 137, signal: 9 })
})

test('a status that came before anybody asked is kept for the one who asks, once', async () => {
  const statuses = new ExitStatuses()
  statuses.take('43 0')
  expect(await statuses.wait(43)).toMatchObject({ exitCode: 0 })
  const second = statuses.wait(43)
  statuses.take('43 256')
  expect(await second).toMatchObject({ exitCode: 1 })
})

test('of a process that ended before anybody looked, what was reported of it is told, or else 255', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const ref = refTo(child.pid!)!
  const statuses = new ExitStatuses()
  const ofOneThatRuns = statuses.waitFor(ref)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const unseen = new ExitStatuses().waitFor(ref)
  statuses.take(`${ref.pid} 9`)
  expect(await ofOneThatRuns).toMatchObject({ exitCode: 137, signal: 9 })
  const reported = statuses.waitFor(ref)
  statuses.take(`${ref.pid} 512`)
  expect(await reported).toMatchObject({ exitCode: 2 })
  expect(await unseen).toMatchObject({ exitCode: 255, signal: 0 })
})
