import { LabError } from '../errors.ts'
import type { ClusterBackend } from './cluster.ts'

/** The backends that exist, each loaded when it is chosen. */
const backends: Record<string, () => Promise<ClusterBackend>> = {
  embedded: async () => (await import('./embedded/index.ts')).embeddedBackend,
  kind: async () => (await import('./kind/index.ts')).kindBackend,
}

export const backendNames: readonly string[] = Object.keys(backends)

/** The backend of that name; throws `bad-input` with the list of what exists. */
export async function selectBackend(name: string): Promise<ClusterBackend> {
  const backend = Object.hasOwn(backends, name) ? backends[name] : undefined
  if (backend) return backend()
  throw new LabError({
    code: 'bad-input',
    message: `there is no kind of cluster called ${name}`,
    cause: `these exist: ${backendNames.join(', ')}`,
    hint: `--cluster ${backendNames[0]}`,
  })
}
