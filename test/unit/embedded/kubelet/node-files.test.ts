import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeFiles } from '../../../../src/embedded/kubelet/node-files.ts'

let root: string
let node: NodeFiles
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ztlab-test-'))
  node = new NodeFiles(root)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test("a path is below the node's own root, which has the usual folders", async () => {
  expect(await node.hostPath({ path: '/etc', type: 'Directory' })).toEqual({
    path: join(root, 'etc'),
    readonly: false,
  })
  expect(await node.hostPath({ path: '/', type: 'Directory' })).toEqual({ path: root, readonly: false })
  expect(await node.hostPath({ path: '/../../etc' })).toEqual({ path: join(root, 'etc'), readonly: false })
  expect(existsSync(join(root, 'etc/passwd'))).toBe(false)
})

test.each(['', 'DirectoryOrCreate'])('a path of type %j is made a directory', async (type) => {
  const { path } = await node.hostPath({ path: '/srv/data/here', type })
  expect(statSync(path).isDirectory()).toBe(true)
})

test('FileOrCreate makes a file, and what is of another type is refused', async () => {
  const { path } = await node.hostPath({ path: '/var/lib/state', type: 'FileOrCreate' })
  expect(statSync(path).isFile()).toBe(true)
  for (const [path, type, what] of [
    ['/var/lib/state', 'Directory', 'a directory'],
    ['/var/lib', 'File', 'a file'],
    ['/var/run/docker.sock', 'Socket', 'a socket file'],
  ])
    await expect(node.hostPath({ path: path!, type })).rejects.toThrow(
      `hostPath type check failed: ${path} is not ${what}`,
    )
})

test("the machine's own view of itself can be read, and no link leads elsewhere", async () => {
  expect(await node.hostPath({ path: '/proc' })).toEqual({ path: '/proc', readonly: true })
  await node.hostPath({ path: '/tmp' })
  symlinkSync('/etc', join(root, 'tmp/door'))
  await expect(node.hostPath({ path: '/tmp/door' })).rejects.toThrow("leads out of the node's file system")
  await expect(node.hostPath({ path: '/tmp/door/new/file' })).rejects.toThrow(
    "leads out of the node's file system",
  )
})
