import { randomBytes } from 'node:crypto'
import { LabError } from '../errors.ts'
import type { KubeClient } from '../kube/index.ts'
import { canaryNamespace, canaryPods, canaryPolicies, canaryScript, canaryService } from './canary-objects.ts'
import { nodesOf } from './nodes.ts'

/** How long a policy may take to bite; it takes some 50 ms. */
const biteTimeoutMs = 10_000

/**
 * Pods of ours, a listener and a client on each node, and objects of ours between them. Each node takes up changes in
 * their order: once a node shows the last of ours, what was written before it is in force there.
 */
export interface Canary {
  /**
   * As long as the cluster has no policy but ours: waits until every node leads to a new Service and DNS answers.
   * From the first policy on: flips a policy and waits until every node shows it.
   * Throws `enforces-nothing` where a deny does not bite.
   */
  settled(signal?: AbortSignal): Promise<void>
}

export function createCanary(connect: () => Promise<KubeClient>): Canary {
  let state: State | undefined
  let hasSeenPolicies = false
  return {
    async settled(signal) {
      const kube = await connect()
      state ??= await begin(kube, signal)
      hasSeenPolicies ||= await hasPolicies(kube)
      if (hasSeenPolicies) await flip(kube, state, signal)
      else await serviceLeads(kube, state, signal)
    },
  }
}

interface State {
  /** Addresses of the listeners. */
  listeners: string[]
  clients: string[]
  denies: boolean
  calico: boolean
}

async function flip(kube: KubeClient, state: State, signal?: AbortSignal): Promise<void> {
  state.denies = !state.denies
  await write(kube, state, signal)
  const lag = await waitFor(kube, { ...state, client: state.clients[0]!, targets: state.listeners, signal })
  if (lag.length > 0) throw state.denies ? enforcesNothing(lag) : stuck(lag)
}

/** A Service that did not exist before, and the name of one that every cluster has. */
async function serviceLeads(kube: KubeClient, { clients }: State, signal?: AbortSignal): Promise<void> {
  const service = canaryService(randomBytes(4).toString('hex'))
  const [made] = await kube.apply([service], signal ? { signal } : {})
  const targets = [`${made!.spec.clusterIP}:80`, 'kubernetes.default.svc.cluster.local:443']
  const lag = await Promise.all(
    clients.map((client) => waitFor(kube, { client, targets, denies: false, signal })),
  )
  await kube.delete([service], signal ? { signal } : {})
  if (lag.flat().length > 0) throw stuck([...new Set(lag.flat())])
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
async function begin(kube: KubeClient, signal?: AbortSignal): Promise<State> {
  const nodes = await nodesOf(kube)
  const calico = (await kube.get('projectcalico.org/v3', 'Tier', 'default')) !== null
  const pods = canaryPods(nodes.map(({ name }) => name))
  const options = signal ? { signal } : {}
  await kube.apply(
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: canaryNamespace } }, ...pods],
    options,
  )
  await write(kube, { denies: false, calico }, signal)
  await kube.waitReady(pods, { timeoutMs: 120_000, ...options })
  const running = await kube.list('v1', 'Pod', { namespace: canaryNamespace, labelSelector: 'role=listener' })
  const listeners = running.map(({ status }) => `${status.podIP}:80`)
  const clients = pods
    .filter(({ metadata }) => metadata.labels?.role === 'client')
    .map(({ metadata }) => metadata.name)
  const lag = await waitFor(kube, { client: clients[0]!, targets: listeners, denies: false, signal })
  if (lag.length > 0) throw stuck(lag)
  return { listeners, clients, denies: false, calico }
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

/** Targets that do not show the wanted verdict within the time. */
async function waitFor(
  kube: KubeClient,
  wanted: { client: string; targets: string[]; denies: boolean; signal?: AbortSignal },
): Promise<string[]> {
  const { stdout } = await kube.exec({
    namespace: canaryNamespace,
    pod: wanted.client,
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
    message: `the canary does not reach ${lag.join(', ')}`,
    cause: `no policy of ours is in its way; one of yours may select the pods of namespace ${canaryNamespace}`,
    hint: `kubectl get pods -n ${canaryNamespace} -o wide`,
  })
}
