import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPipe, PipeSource } from '../../../src/kernel/fifo.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ztlab-pipes-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('what is written into one end is read from the other, and closing it ends the reading', async () => {
  const { readFd, writeFd } = await new PipeSource(directory).open()
  writeSync(writeFd, 'hello')
  closeSync(writeFd)
  const chunks: Buffer[] = []
  for await (const chunk of new Socket({ fd: readFd, readable: true, writable: false })) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe('hello')
})

test('pipes that are opened at the same time are different ones, and none keeps its name', async () => {
  const source = new PipeSource(directory)
  const ends = await Promise.all(Array.from({ length: 70 }, () => source.open()))
  const fds = ends.flatMap(({ readFd, writeFd }) => [readFd, writeFd])
  expect(new Set(fds).size).toBe(140)
  for (const fd of fds) closeSync(fd)
  expect(readdirSync(directory)).toHaveLength(128 - 70)
})

test('a pipe that keeps its name is opened again by it, with what was written meanwhile', async () => {
  const path = join(directory, 'kept')
  const { readFd, writeFd } = await new PipeSource(join(directory, 'pipes')).open(path)
  // As a container has it: for both, so that it never breaks.
  const both = openSync(path, 'r+')
  for (const fd of [readFd, writeFd]) closeSync(fd)
  writeSync(both, 'meanwhile')
  const again = openPipe(path)
  const text = Buffer.alloc(20)
  expect(text.subarray(0, readSync(again.readFd, text)).toString()).toBe('meanwhile')
  for (const fd of [both, again.readFd, again.writeFd]) closeSync(fd)
})
