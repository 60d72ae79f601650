import type { KubernetesObject } from '../../src/kubernetes-object.ts'

/**
 * The smallest set found that still fails: whole objects go first, then whatever lies within those that are left,
 * deepest last, as long as `fails` says that the mismatch stays. At most `limit` attempts.
 */
export async function shrink(
  objects: KubernetesObject[],
  fails: (objects: KubernetesObject[]) => Promise<boolean>,
  limit = 200,
): Promise<KubernetesObject[]> {
  let current = objects
  let attempts = 0
  const attempt = async (candidate: KubernetesObject[]): Promise<boolean> => {
    if (attempts++ >= limit || !(await fails(candidate))) return false
    current = candidate
    return true
  }
  for (let size = Math.ceil(current.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < current.length; )
      if (!(await attempt([...current.slice(0, at), ...current.slice(at + size)]))) at += size
  for (let at = 0; at < current.length; at++) {
    let paths = removable(current[at]!)
    for (let next = 0; next < paths.length; ) {
      const smaller = current.map((object, index) => (index === at ? without(object, paths[next]!) : object))
      if (await attempt(smaller)) {
        paths = removable(current[at]!)
        next = 0
      } else next++
    }
  }
  return current
}

type Path = (string | number)[]

/** Paths of everything below `spec` and of the labels, the outer ones first. */
function removable({ spec, metadata }: KubernetesObject): Path[] {
  const labels = Object.keys(metadata.labels ?? {}).map((label) => ['metadata', 'labels', label])
  return [...pathsBelow(spec, ['spec']), ...labels].sort((a, b) => a.length - b.length)
}

function pathsBelow(value: unknown, path: Path): Path[] {
  if (value === null || typeof value !== 'object') return []
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return keys.flatMap((key) => {
    const inner = [...path, key]
    return [inner, ...pathsBelow((value as Record<string, unknown>)[key], inner)]
  })
}

export function without<Value>(value: Value, path: Path): Value {
  const copy = structuredClone(value)
  // biome-ignore lint/suspicious/noExplicitAny: any place within an object
  let parent: any = copy
  for (const key of path.slice(0, -1)) parent = parent[key]
  const last = path.at(-1)!
  if (Array.isArray(parent)) parent.splice(last as number, 1)
  else delete parent[last]
  return copy
}
