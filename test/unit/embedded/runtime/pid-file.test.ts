import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PidFile } from '../../../../src/embedded/runtime/pid-file.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ztlab-pid-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A process that leads a session, as runc makes them, with one that it has started; its output ends with both. */
function leader(): ChildProcess {
  return spawn('sh', ['-c', 'sleep 60 & sleep 60'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
}

/** As runc does it. */
function write(path: string, pid: number): void {
  writeFileSync(`${path}.tmp`, String(pid))
  renameSync(`${path}.tmp`, path)
}

test('a process ends with all that it has started', async () => {
  const pidFile = await PidFile.below(directory)
  expect(pidFile.read()).toBeNull()
  const process = leader()
  write(pidFile.path, process.pid!)
  const closed = once(process, 'close')
  pidFile.kill(closed)
  expect(await closed).toEqual([null, 'SIGKILL'])
})

test('one that has not been started yet ends as soon as it is', async () => {
  const pidFile = await PidFile.below(directory)
  const process = leader()
  const closed = once(process, 'close')
  pidFile.kill(closed)
  write(pidFile.path, process.pid!)
  expect(await closed).toEqual([null, 'SIGKILL'])
  await pidFile.remove()
  expect(readdirSync(directory)).toEqual([])
})
