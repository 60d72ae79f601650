import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isWhiteout, LayerTree } from '../../../../../src/embedded/runtime/images/layer-tree.ts'
import { unpackLayer } from '../../../../../src/embedded/runtime/images/unpack-layer.ts'
import { run } from '../../../../../src/exec.ts'
import { type LayerFiles, layerOf, sha256 } from '../../../../support/oci-layout.ts'

let scratch: string
beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ztlab-test-'))
  // Linux lets anybody make this one device since 5.8.
  await run(['mknod', join(scratch, 'whiteout'), 'c', '0', '0'])
})
afterEach(() => rmSync(scratch, { recursive: true, force: true }))

/** Unpacks layers one upon the other; returns their directories from the lowest to the topmost. */
async function unpackAll(layers: Buffer[]): Promise<string[]> {
  const directories: string[] = []
  for (const [index, layer] of layers.entries()) {
    const directory = join(scratch, `unpacked-${index}`)
    mkdirSync(directory)
    const tree = new LayerTree(directory, directories.toReversed(), join(scratch, 'whiteout'))
    const { digest, sizeBytes } = await unpackLayer(Readable.from([layer]), tree)
    expect([digest, sizeBytes]).toEqual([sha256(layer), layer.length])
    directories.push(directory)
  }
  return directories
}

const layer = (files: LayerFiles, words: string[] = []) => layerOf(files, scratch, words)
const whiteoutsIn = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => isWhiteout(lstatSync(join(directory, name))))
    .sort()

test('files, modes, links and long names are as the archive has them', async () => {
  const long = `${'a-very-long-directory-name/'.repeat(8)}file`
  const [directory] = await unpackAll([
    layer({ 'etc/motd': 'hello\n', [long]: 'far down', 'bin/sh': { link: '/bin/busybox' } }, ['--mode=0750']),
  ])
  expect(readFileSync(join(directory!, 'etc/motd'), 'utf8')).toBe('hello\n')
  expect(readFileSync(join(directory!, long), 'utf8')).toBe('far down')
  expect(readlinkSync(join(directory!, 'bin/sh'))).toBe('/bin/busybox')
  expect(lstatSync(join(directory!, 'etc/motd')).mode & 0o7777).toBe(0o750)
})

test('a whiteout takes away what is below, and nothing of its own layer', async () => {
  const [, upper] = await unpackAll([
    layer({ 'etc/old': '1', 'etc/kept': '2', 'opt/tool/a': '3', 'opt/tool/b': '4' }),
    layer({ 'etc/.wh.old': '', 'etc/.wh.never': '', 'opt/.wh.tool': '', 'opt/tool/b': 'new' }),
  ])
  expect(whiteoutsIn(upper!)).toEqual(['etc/old', 'opt/tool/a'])
  expect(readFileSync(join(upper!, 'opt/tool/b'), 'utf8')).toBe('new')
})

test('an opaque directory hides all that the layers below have in it, at any depth', async () => {
  const [, , top] = await unpackAll([
    layer({ 'srv/a/deep': '1', 'srv/b': '2' }),
    layer({ 'srv/c': '3' }),
    layer({ 'srv/.wh..wh..opq': '', 'srv/a/fresh': '4' }),
  ])
  expect(whiteoutsIn(top!)).toEqual(['srv/a/deep', 'srv/b', 'srv/c'])
  expect(readdirSync(join(top!, 'srv')).sort()).toEqual(['a', 'b', 'c'])
})

test('a path follows the symbolic links of the layers below, within the image', async () => {
  const [, upper] = await unpackAll([
    layer({ 'usr/lib': { directory: true }, lib: { link: '/usr/lib' }, way: { link: '../../../usr' } }),
    layer({ 'lib/so': 'library', 'way/lib/too': 'library' }),
  ])
  expect(readdirSync(upper!, { recursive: true }).sort()).toEqual([
    'usr',
    'usr/lib',
    'usr/lib/so',
    'usr/lib/too',
  ])
})

test.each([
  ['a path', ['--absolute-names', '--transform=s,^evil,../evil,']],
  ['an absolute path with dots', ['--absolute-names', '--transform=s,^evil,/../../evil,']],
])('%s that leads out of the image is refused', async (_what, words) => {
  await expect(unpackAll([layer({ evil: 'x' }, words)])).rejects.toMatchObject({
    code: 'bad-input',
    cause: expect.stringContaining('leads out of the image: refused'),
  })
  expect(readdirSync(scratch)).not.toContain('evil')
})

test('a symbolic link of the same archive is no way out', async () => {
  mkdirSync(join(scratch, 'victim'))
  const archive = layer({ door: { link: join(scratch, 'victim') } })
  const [, upper] = await unpackAll([archive, layer({ 'door/file': 'x' })])
  expect(readdirSync(join(scratch, 'victim'))).toEqual([])
  expect(lstatSync(join(upper!, scratch, 'victim/file')).isFile()).toBe(true)
})

test.each([
  ['cut', (archive: Buffer) => archive.subarray(0, archive.length / 2 + 100)],
  ['no archive', () => Buffer.alloc(1024, 'x')],
])('what is %s is said so', async (_what, spoil) => {
  await expect(unpackAll([spoil(layer({ file: 'x'.repeat(20_000) }))])).rejects.toMatchObject({
    code: 'bad-input',
  })
})
