import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** From top to bottom: a room may import what stands below it, never beside it (unless grouped) or above it. */
const layers: string[][] = [
  ['main.ts'],
  ['cli'],
  ['lab', 'inspect'],
  ['report'],
  ['matrix', 'documents'],
  ['cluster'],
  ['embedded'],
  ['kube'],
  ['policy', 'kernel'],
  ['*'],
]

/** Doors that stand in no layer's way: an exception here needs its reason. */
const allowed: { from: string; to: string; because: string }[] = [
  {
    from: 'src/cluster/embedded/',
    to: 'src/embedded/state.ts',
    because: 'the state files are the contract between the command line and the control plane',
  },
]

interface Import {
  file: string
  target: string
}

test('imports point downwards only', () => {
  const wrong = imports().filter(({ file, target }) => {
    const from = layerOf(file)
    const to = layerOf(target)
    if (roomOf(file) === roomOf(target)) return false
    return to < from || (to === from && layers[from]![0] !== '*')
  })
  expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([])
})

test('a folder is entered from outside through its index.ts only', () => {
  const wrong = imports().filter(({ file, target }) => {
    const room = dirname(target)
    if (room === 'src' || target.endsWith('/index.ts')) return false
    const inside = dirname(file) === room || file.startsWith(`${room}/`)
    return !inside && existsSync(join(root, room, 'index.ts')) && !isAllowed(file, target)
  })
  expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([])
})

test('no file imports itself by way of others', () => {
  const targets = new Map<string, string[]>()
  for (const { file, target } of imports()) targets.set(file, [...(targets.get(file) ?? []), target])
  expect([...targets.keys()].flatMap((file) => cycleThrough(file, targets) ?? [])).toEqual([])
})

test('policy is pure: it imports leaves and itself, nothing of Node', () => {
  const node = sourceFiles('src/policy').filter((file) => /from 'node:(?!util)/.test(read(file)))
  expect(node).toEqual([])
})

test('one folder alone imports the Kubernetes client, one file alone zx', () => {
  const importers = (name: string) => sourceFiles('src').filter((file) => read(file).includes(`'${name}`))
  expect(importers('@kubernetes/client-node').filter((file) => !file.startsWith('src/kube/'))).toEqual([])
  expect(importers('zx')).toEqual(['src/exec.ts'])
})

test('the embedded cluster knows nothing of the harness', () => {
  const wrong = imports().filter(
    ({ file, target }) =>
      file.startsWith('src/embedded/') && /^src\/(kube|lab|matrix|cluster|cli|report)\//.test(target),
  )
  expect(wrong).toEqual([])
})

test('docs/architecture.md names every room of src, and only paths that exist', () => {
  const text = read('docs/architecture.md')
  const named = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!)
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).map(
    (entry) => `src/${entry.name}${entry.isDirectory() ? '/' : ''}`,
  )
  const embedded = readdirSync(join(root, 'src/embedded'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `src/embedded/${entry.name}/`)
  expect([...rooms, ...embedded].filter((room) => !named.includes(room))).toEqual([])
})

/** The files from one back to itself, or null. */
function cycleThrough(start: string, targets: Map<string, string[]>): string | null {
  const cameFrom = new Map<string, string>()
  const waiting = [start]
  for (const file of waiting)
    for (const target of targets.get(file) ?? []) {
      if (cameFrom.has(target)) continue
      cameFrom.set(target, file)
      if (target === start) return pathBack(start, cameFrom).join(' -> ')
      waiting.push(target)
    }
  return null
}

function pathBack(start: string, cameFrom: Map<string, string>): string[] {
  const path = [start]
  do path.unshift(cameFrom.get(path[0]!)!)
  while (path[0] !== start)
  return path
}

function isAllowed(file: string, target: string): boolean {
  return allowed.some((door) => file.startsWith(door.from) && target === door.to)
}

function roomOf(path: string): string {
  return path.split('/')[1]!
}

function layerOf(path: string): number {
  const index = layers.findIndex((layer) => layer.includes(roomOf(path)))
  return index === -1 ? layers.length - 1 : index
}

function imports(): Import[] {
  return sourceFiles('src').flatMap((file) =>
    [...read(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => ({
      file,
      target: relative(root, normalize(join(root, dirname(file), match[1]!))),
    })),
  )
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort()
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
