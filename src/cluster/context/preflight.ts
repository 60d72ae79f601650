import { isLabError, messageOf } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'
import { createCanary } from '../canary/index.ts'
import type { Check } from '../cluster.ts'
import { deleteLeftovers } from '../leftovers.ts'
import type { ContextChoice } from './choice.ts'
import { detectNetwork } from './network.ts'
import { canaryChoices, connect, newRunId } from './open.ts'
import { mayWe, mayWriteTiers, needs } from './permissions.ts'

/**
 * Does the API answer, what may we do there, which network runs there, and does a deny bite: that is tried with a
 * canary in a namespace of its own, which is deleted again.
 */
export async function preflight(choice: ContextChoice): Promise<Check[]> {
  const checks: Check[] = []
  let kube: KubeClient | undefined
  try {
    kube = (await connect(choice)).kube
  } catch (error) {
    return [failed(`context ${choice.name}`, error, { required: true })]
  }
  try {
    const { gitVersion } = JSON.parse(await kube.raw('/version')) as { gitVersion: string }
    checks.push({
      title: `context ${choice.name}`,
      ok: true,
      detail: `Kubernetes ${gitVersion}`,
      required: true,
    })
    checks.push(...(await permissionChecks(kube)), await networkCheck(kube))
    // What is known of a network is no proof, either way.
    if (checks.every(({ ok, title }) => ok || title === networkTitle))
      checks.push(await canaryCheck(kube, choice))
    return checks
  } finally {
    kube.close()
  }
}

async function permissionChecks(kube: KubeClient): Promise<Check[]> {
  return Promise.all(
    needs.map(async ({ attributes, purpose, required }): Promise<Check> => {
      const { verb, group, resource, subresource } = attributes
      const what = `${verb} ${resource}${subresource ? `/${subresource}` : ''}`
      const ok = await mayWe(kube, attributes)
      if (ok) return { title: what, ok, detail: `permitted: ${purpose}`, required }
      const cure = `kubectl auth can-i ${verb} ${resource}${group ? `.${group}` : ''} -A   # docs/backends/context.md has the roles`
      return { title: what, ok, detail: `not permitted; needed to ${purpose}`, cure, required }
    }),
  )
}

const networkTitle = 'network'

async function networkCheck(kube: KubeClient): Promise<Check> {
  const title = networkTitle
  try {
    const { name, enforces } = await detectNetwork(kube)
    if (enforces === false) {
      const detail = `${name}, which enforces no NetworkPolicies`
      return {
        title,
        ok: false,
        detail,
        cure: 'install a network that does, such as Calico',
        required: false,
      }
    }
    return {
      title,
      ok: true,
      detail: `${name}${enforces ? '' : '; the canary tells what it enforces'}`,
      required: false,
    }
  } catch (error) {
    return failed(title, error, { required: false })
  }
}

/** However it ends, nothing of the canary stays. */
async function canaryCheck(kube: KubeClient, choice: ContextChoice): Promise<Check> {
  const title = 'canary'
  await deleteLeftovers(kube)
  const tiers = await mayWriteTiers(kube)
  const canary = createCanary(async () => kube, { ...canaryChoices(choice, newRunId()), tiers })
  try {
    await canary.prove()
    return { title, ok: true, detail: 'a policy that denies was seen to bite on every node', required: true }
  } catch (error) {
    return failed(title, error, { required: true })
  } finally {
    await canary.remove()
  }
}

function failed(title: string, error: unknown, { required }: { required: boolean }): Check {
  const known = isLabError(error) ? error : null
  const causes = known ? [known.cause, ...known.problems].filter(Boolean).map(messageOf) : []
  return {
    title,
    ok: false,
    detail: [messageOf(error), ...causes].join(': '),
    cure: known?.hint ?? 'run it again with --verbose',
    required,
  }
}
