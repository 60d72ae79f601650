import { closeSync, mkdtempSync, rmSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ContainerLog } from '../../../../src/embedded/runtime/container-log.ts'
import { PipeSource } from '../../../../src/kernel/index.ts'

async function logOf(text: string): Promise<ContainerLog> {
  const directory = mkdtempSync(join(tmpdir(), 'ztlab-log-'))
  const { readFd, writeFd } = await new PipeSource(directory).open()
  rmSync(directory, { recursive: true })
  const log = new ContainerLog()
  log.follow(new Socket({ fd: readFd, readable: true, writable: false }), 'stdout')
  const end = new Promise((resolve) => log.once('end', () => resolve(undefined)))
  writeSync(writeFd, text)
  closeSync(writeFd)
  await end
  return log
}

test('lines are kept whole, also a last one without a newline', async () => {
  const log = await logOf('one\ntwo\nthree')
  expect(log.read().map(({ text }) => text)).toEqual(['one\n', 'two\n', 'three'])
  expect(log.ended).toBe(true)
})

test('tailLines gives the last ones, and none for 0', async () => {
  const log = await logOf('one\ntwo\n')
  expect(log.read({ tailLines: 1 }).map(({ text }) => text)).toEqual(['two\n'])
  expect(log.read({ tailLines: 0 })).toEqual([])
})

test('sinceTime leaves out what is older', async () => {
  const log = await logOf('old\n')
  expect(log.read({ sinceTime: new Date(Date.now() + 1000) })).toEqual([])
})
