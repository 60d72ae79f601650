import { closeSync, mkdtempSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PipeSource } from '../../../src/kernel/fifo.ts'

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
