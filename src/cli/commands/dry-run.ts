import { stringify } from 'yaml'
import type { ClusterBackend } from '../../cluster/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { kubernetesYaml } from '../../kubernetes-yaml.ts'
import type { Lab } from '../../lab/index.ts'

/** Every object that a run of the lab writes, in its order, as YAML; nothing is written. */
export async function labObjects(lab: Lab, backend: ClusterBackend): Promise<string> {
  const manifests = [...lab.manifests, ...lab.steps.flatMap(({ apply }) => apply)]
  const own = await backend.ownObjects?.(manifests.flatMap(({ objects }) => objects))
  const looksAtNodes = lab.steps.some(({ inspect }) => inspect.length > 0)
  return [
    ...documents('the canary, which proves that policies bite', own?.canary ?? []),
    ...documents('shells on nodes, to inspect pods', (looksAtNodes && own?.nodeShells) || []),
    ...lab.manifests.flatMap(({ source, objects }) => documents(source, objects)),
    ...lab.steps.flatMap(({ name, apply }) =>
      apply.flatMap(({ source, objects }) => documents(`step ${name}: ${source}`, objects)),
    ),
  ].join('---\n')
}

function documents(source: string, objects: KubernetesObject[]): string[] {
  return objects.map((object) => `# ${source}\n${stringify(object, kubernetesYaml)}`)
}
