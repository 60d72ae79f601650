import { isObject, jsonCopy, jsonEqual } from '../json.ts'
import { badRequest, StatusError } from '../status-error.ts'

interface Operation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  path: string
  from?: string
  value?: unknown
}

/** JSON patch (RFC 6902). An operation that does not fit answers 422. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations')
  const root = { document: jsonCopy(target) }
  for (const operation of patch) {
    if (!isObject(operation)) throw badRequest('an operation of a JSON patch is an object')
    apply(root, operation as unknown as Operation)
  }
  return root.document
}

interface Root {
  document: unknown
}

function apply(root: Root, operation: Operation): void {
  const { op, path, from, value } = operation
  switch (op) {
    case 'test':
      if (!jsonEqual(read(root, path), value)) throw unfit(operation, 'the value there is another one')
      return
    case 'remove':
      remove(root, path)
      return
    case 'replace':
      remove(root, path)
      add(root, path, value)
      return
    case 'add':
      add(root, path, value)
      return
    case 'copy':
      add(root, path, read(root, from ?? ''))
      return
    case 'move': {
      const moved = read(root, from ?? '')
      remove(root, from ?? '')
      add(root, path, moved)
      return
    }
    default:
      throw unfit(operation, 'it is no operation of a JSON patch')
  }
}

function read(root: Root, path: string): unknown {
  const { parent, key } = locate(root, path)
  const value = Array.isArray(parent) ? parent[Number(key)] : parent[key]
  if (value === undefined) throw missing(path)
  return jsonCopy(value)
}

function add(root: Root, path: string, value: unknown): void {
  const { parent, key } = locate(root, path)
  if (!Array.isArray(parent)) {
    parent[key] = jsonCopy(value)
    return
  }
  const index = key === '-' ? parent.length : Number(key)
  if (!Number.isInteger(index) || index < 0 || index > parent.length) throw missing(path)
  parent.splice(index, 0, jsonCopy(value))
}

function remove(root: Root, path: string): void {
  const { parent, key } = locate(root, path)
  if (Array.isArray(parent)) {
    if (!(Number(key) in parent)) throw missing(path)
    parent.splice(Number(key), 1)
  } else {
    if (!Object.hasOwn(parent, key)) throw missing(path)
    delete parent[key]
  }
}

/** The container that holds what a JSON pointer (RFC 6901) names, and the key in it. */
function locate(root: Root, path: string): { parent: Record<string, unknown> | unknown[]; key: string } {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) throw missing(String(path))
  const keys = path.split('/').map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~'))
  keys[0] = 'document'
  let parent: unknown = root
  for (const key of keys.slice(0, -1)) {
    const next: unknown = Array.isArray(parent)
      ? parent[Number(key)]
      : isObject(parent) && Object.hasOwn(parent, key)
        ? parent[key]
        : undefined
    if (!Array.isArray(next) && !isObject(next)) throw missing(path)
    parent = next
  }
  return { parent: parent as Record<string, unknown> | unknown[], key: keys.at(-1)! }
}

function missing(path: string): StatusError {
  return new StatusError(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: the path ${JSON.stringify(path)} does not exist`,
  )
}

function unfit({ op, path }: Operation, why: string): StatusError {
  return new StatusError(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: ${op} ${path}: ${why}`,
  )
}
