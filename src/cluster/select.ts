import { LabError } from '../errors.ts'
import type { ClusterBackend } from './cluster.ts'
import type { ContextChoice } from './context/index.ts'

/** The backends that make clusters, each loaded when it is chosen. */
const backends: Record<string, () => Promise<ClusterBackend>> = {
  embedded: async () => (await import('./embedded/index.ts')).embeddedBackend,
  kind: async () => (await import('./kind/index.ts')).kindBackend,
}

export const backendNames: readonly string[] = Object.keys(backends)

/**
 * The backend that `--cluster` names: one of those, or `context:NAME` for an existing cluster. Throws `bad-input` with
 * the list of what exists.
 */
export async function selectBackend(
  name: string,
  choice: Omit<ContextChoice, 'name'> = {},
): Promise<ClusterBackend> {
  if (name.startsWith('context:')) {
    return (await import('./context/index.ts')).contextBackend({
      ...choice,
      name: name.slice('context:'.length),
    })
  }
  const backend = Object.hasOwn(backends, name) ? backends[name] : undefined
  if (backend) return backend()
  throw new LabError({
    code: 'bad-input',
    message: `there is no kind of cluster called ${name}`,
    cause: `these exist: ${backendNames.join(', ')}, context:NAME`,
    hint: `--cluster ${backendNames[0]}`,
  })
}
