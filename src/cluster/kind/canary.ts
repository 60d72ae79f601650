import { LabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'
import { nodesOf } from '../nodes.ts'
import { canaryNamespace, canaryPods, canaryPolicies, canaryScript, clientPod } from './canary-objects.ts'

/** How long a policy may take to bite; it takes some 50 ms. */
const biteTimeoutMs = 10_000

/**
 * Pods of ours, a listener on each node and one that connects to them, and a policy of ours between them. What was
 * written before the policy flipped is enforced once the flip is seen on every node, because each node programs
 * changes in their order.
 */
export interface Canary {
  /**
   * Flips the policy and waits until every node shows it. Does nothing as long as the cluster has no policy but ours.
   * Throws `enforces-nothing` where a deny does not bite.
   */
  flip(signal?: AbortSignal): Promise<void>
}

export function createCanary(connect: () => Promise<KubeClient>): Canary {
  let state: { targets: string[]; denies: boolean; calico: boolean } | undefined
  return {
    async flip(signal) {
      const kube = await connect()
      if (!state && !(await hasPolicies(kube))) return
      state ??= await begin(kube, signal)
      state.denies = !state.denies
      await write(kube, state, signal)
      const lag = await waitFor(kube, { ...state, signal })
      if (lag.length > 0) throw state.denies ? enforcesNothing(lag) : stuck(lag)
    },
  }
}

/** Policies of anybody but us. */
async function hasPolicies(kube: KubeClient): Promise<boolean> {
  const lists = await Promise.all([
    kube.list('networking.k8s.io/v1', 'NetworkPolicy'),
    kube.list('projectcalico.org/v3', 'NetworkPolicy'),
    kube.list('projectcalico.org/v3', 'GlobalNetworkPolicy'),
  ])
  return lists.flat().some(({ metadata }) => metadata.namespace !== canaryNamespace)
}

/** Makes the pods, and sees that they reach each other while the policy allows it: a deny proves nothing otherwise. */
async function begin(kube: KubeClient, signal?: AbortSignal) {
  const nodes = await nodesOf(kube)
  const calico = (await kube.get('projectcalico.org/v3', 'Tier', 'default')) !== null
  const pods = canaryPods(nodes.map(({ name }) => name))
  const options = signal ? { signal } : {}
  await kube.apply(
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: canaryNamespace } }, ...pods],
    options,
  )
  const state = { targets: [] as string[], denies: false, calico }
  await write(kube, state, signal)
  await kube.waitReady(pods, { timeoutMs: 120_000, ...options })
  const running = await kube.list('v1', 'Pod', { namespace: canaryNamespace, labelSelector: 'role=listener' })
  state.targets = running.map(({ status }) => `${status.podIP}:80`)
  const lag = await waitFor(kube, { ...state, signal })
  if (lag.length > 0) throw stuck(lag)
  return state
}

async function write(
  kube: KubeClient,
  { denies, calico }: { denies: boolean; calico: boolean },
  signal?: AbortSignal,
): Promise<void> {
  const { apply, remove } = canaryPolicies({ denies, calico })
  await kube.apply(apply, signal ? { signal } : {})
  await kube.delete(remove, signal ? { signal } : {})
}

/** Listeners that do not show the wanted verdict within the time. */
async function waitFor(
  kube: KubeClient,
  wanted: { targets: string[]; denies: boolean; signal?: AbortSignal },
): Promise<string[]> {
  const { stdout } = await kube.exec({
    namespace: canaryNamespace,
    pod: clientPod,
    command: [
      'sh',
      '-c',
      canaryScript,
      'canary',
      wanted.denies ? 'deny' : 'allow',
      String(biteTimeoutMs / 1000),
      ...wanted.targets,
    ],
    stdin: '',
    timeoutMs: biteTimeoutMs + 10_000,
    ...(wanted.signal && { signal: wanted.signal }),
  })
  return stdout.split('\n').filter(Boolean)
}

function enforcesNothing(lag: string[]): LabError {
  return new LabError({
    code: 'enforces-nothing',
    message: 'this cluster enforces nothing: a policy that denies a connection did not stop it',
    cause: `after ${biteTimeoutMs} ms the canary in namespace ${canaryNamespace} still reached ${lag.join(', ')}`,
    hint: 'use a cluster with Calico: give its images with --load-image, or use --cluster embedded',
  })
}

function stuck(lag: string[]): LabError {
  return new LabError({
    code: 'timeout',
    message: `the canary does not reach its own listeners at ${lag.join(', ')}`,
    cause: `no policy of ours is in its way; one of yours may select the pods of namespace ${canaryNamespace}`,
    hint: `kubectl get pods -n ${canaryNamespace} -o wide`,
  })
}
