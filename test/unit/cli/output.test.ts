import { Writable } from 'node:stream'
import { createOutput } from '../../../src/cli/output.ts'
import { createProgress } from '../../../src/cli/status.ts'

function streams(flags: { quiet?: boolean; verbose?: boolean } = {}) {
  const text = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk, _encoding, done) {
        text[name] += chunk
        done()
      },
    })
  const output = createOutput({
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
  })
  return { output, text }
}

test('results alone go to stdout', () => {
  const { output, text } = streams({ verbose: true })
  output.result('answer')
  output.status('working')
  output.detail('more')
  output.error('broken')
  expect(text).toEqual({ stdout: 'answer\n', stderr: 'working\nmore\nbroken\n' })
})

test('quiet leaves results and errors', () => {
  const { output, text } = streams({ quiet: true })
  output.result('answer')
  output.status('working')
  output.detail('more')
  output.error('broken')
  expect(text).toEqual({ stdout: 'answer\n', stderr: 'broken\n' })
})

test('without a terminal nothing is painted over', () => {
  const { output, text } = streams()
  output.transient('… working')
  output.result('answer')
  expect(text).toEqual({ stdout: 'answer\n', stderr: '' })
})

test('a step shows how it ended and lets its error through', async () => {
  const { output, text } = streams()
  const progress = createProgress(output)
  await expect(progress.step('making', async () => 7)).resolves.toBe(7)
  await expect(progress.step('breaking', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(text.stderr).toMatch(/^✓ making \(\d+\.\d s\)\n✗ breaking \(\d+\.\d s\)\n$/)
})

test('a stream waits for a slow reader, and stops once the reader has left', async () => {
  let taken = ''
  let asked = 0
  const stdout = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      taken += chunk
      setImmediate(() => done(taken.length < 3 ? null : Object.assign(new Error('gone'), { code: 'EPIPE' })))
    },
  })
  stdout.on('error', () => undefined)
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() })
  function* pieces() {
    for (;;) {
      asked++
      yield 'x'
    }
  }
  await createOutput({ stdout, stderr, quiet: false, verbose: false }).stream(pieces())
  expect({ taken, asked }).toEqual({ taken: 'xxx', asked: 3 })
})
