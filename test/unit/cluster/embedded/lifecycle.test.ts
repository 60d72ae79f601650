import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startControlPlane } from '../../../../src/cluster/embedded/control-plane-process.ts'
import { deleteByMarks, ownerFile, sweep } from '../../../../src/cluster/embedded/delete.ts'
import { open } from '../../../../src/cluster/embedded/open.ts'
import { readState } from '../../../../src/cluster/embedded/state-file.ts'
import { isAlive, startTimeOf } from '../../../../src/process-ref.ts'

const bundle = join(import.meta.dirname, 'fake-control-plane.mjs')
const spec = { name: 'lab-1', nodes: 2, detached: false }
const before = { ...process.env }
let root: string
let directory: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ztlab-test-'))
  process.env.ZTLAB_STATE_DIR = root
  directory = join(root, 'lab-1')
  mkdirSync(directory)
  writeFileSync(
    ownerFile(directory),
    JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) }),
  )
})

afterEach(async () => {
  await deleteByMarks(directory, 'lab-1')
  process.env = { ...before }
  rmSync(root, { recursive: true, force: true })
})

const start = (fake: string, signal?: AbortSignal) => {
  process.env.FAKE = fake
  return startControlPlane({ bundle, spec, directory }, signal)
}

/** The owner of a directory whose maker is gone. */
const abandon = () => writeFileSync(ownerFile(directory), JSON.stringify({ pid: 1, startTime: 'never' }))

describe('starting', () => {
  test('is over when the control plane says so, and tells its timings', async () => {
    const controlPlane = start('ready')
    await expect(controlPlane.ready).resolves.toBe('api 12 ms')
    await controlPlane.end()
    expect(isAlive(readState(directory)!.controlPlane)).toBe(false)
  })

  test.each([
    ['refuse', { code: 'missing-permission', message: 'no namespaces', hint: 'be root' }],
    [
      'crash',
      { code: 'cluster-failed', message: 'the control plane ended with exit code 9', cause: 'it hurts' },
    ],
    ['babble', { code: 'cluster-failed', cause: 'hello' }],
  ])('%s: fails with the reason', async (fake, error) => {
    const controlPlane = start(fake)
    await expect(controlPlane.ready).rejects.toMatchObject(error)
    await controlPlane.end()
  })

  test('is given up when it is interrupted', async () => {
    const controlPlane = start('silent', AbortSignal.timeout(100))
    await expect(controlPlane.ready).rejects.toMatchObject({ code: 'interrupted' })
    await controlPlane.end()
  })
})

describe('a cluster that is open', () => {
  test.each([
    ['ready', '-m -n -p ip'],
    ['rootless', '-U --preserve-credentials -m -n -p ip'],
  ])('%s: shows a line for each node that can be pasted', async (fake, words) => {
    const controlPlane = start(fake)
    await controlPlane.ready
    const cluster = await open('lab-1')
    const { pid } = readState(directory)!.nodeAgent!
    expect(cluster.nodeCommand('node-2', ['nft', 'list', 'ruleset']).join(' ')).toBe(
      `nsenter -t ${pid} ${words} netns exec node-2 nft list ruleset`,
    )
    expect(() => cluster.nodeCommand('node-3')).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(cluster.kubeconfig).toBe('a kubeconfig')
    await controlPlane.end()
  })

  test('is not found once its control plane is gone', async () => {
    const controlPlane = start('ready')
    await controlPlane.ready
    await controlPlane.end()
    await expect(open('lab-1')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('sweeping', () => {
  test('ends what a killed control plane left, and removes its directory', async () => {
    const controlPlane = start('ready')
    await controlPlane.ready
    const { controlPlane: process_, nodeAgent } = readState(directory)!
    process.kill(process_.pid, 'SIGKILL')
    await controlPlane.end()
    expect(startTimeOf(nodeAgent!.pid)).not.toBeNull()
    abandon()
    await expect(sweep(root)).resolves.toEqual([directory])
    expect(startTimeOf(nodeAgent!.pid)).toBeNull()
    expect(existsSync(directory)).toBe(false)
  })

  test('leaves a running cluster whose maker is gone', async () => {
    const controlPlane = start('ready')
    await controlPlane.ready
    abandon()
    await expect(sweep(root)).resolves.toEqual([])
    expect(isAlive(readState(directory)!.controlPlane)).toBe(true)
    await controlPlane.end()
  })

  test('leaves one that is being made, and folders that are not ours', async () => {
    for (const name of ['photos', '.photos', `.lab-2.${process.pid}`]) mkdirSync(join(root, name))
    await expect(sweep(root)).resolves.toEqual([])
    expect(readdirSync(root).sort()).toEqual([`.lab-2.${process.pid}`, '.photos', 'lab-1', 'photos'])
  })

  test('removes what a maker left that was killed before it could say who it is, and touches no cluster', async () => {
    const controlPlane = start('ready')
    await controlPlane.ready
    // Beyond what the kernel numbers processes with.
    const dead = 99_999_999
    const left = [`.lab-1.${dead}`, `.lab-2.${dead}`].map((name) => join(root, name))
    for (const path of left) mkdirSync(path)
    writeFileSync(ownerFile(left[1]!), '{"pid":')
    expect((await sweep(root)).sort()).toEqual(left)
    expect(readdirSync(root)).toEqual(['lab-1'])
    expect(isAlive(readState(directory)!.controlPlane)).toBe(true)
    await controlPlane.end()
  })
})

test('deleting by marks leaves processes of another cluster of the same name', async () => {
  const controlPlane = start('ready')
  await controlPlane.ready
  await deleteByMarks(join(root, 'elsewhere', 'lab-1'), 'lab-1')
  expect(isAlive(readState(directory)!.controlPlane)).toBe(true)
  await deleteByMarks(directory, 'lab-1')
  expect(existsSync(directory)).toBe(false)
  await controlPlane.end()
})
