import { randomBytes } from 'node:crypto'
import { LabError } from '../errors.ts'
import { type KubeClient, wasRefused } from '../kube/index.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import {
  type CanaryPlace,
  canaryNamespace,
  canaryNamespaceObject,
  canaryPods,
  canaryPolicies,
  canaryScript,
  canaryService,
  listenerPort,
  servicePort,
} from './canary-objects.ts'
import type { SettleOptions } from './cluster.ts'
import { readyNodesOf } from './nodes.ts'

export interface CanaryChoices extends CanaryPlace {
  /** Becomes the run's mark on all that the canary makes; left out where the cluster itself is ours. */
  runId?: string
  /** How long a policy may take to bite; felix takes some 50 ms. Default 10,000. */
  biteTimeoutMs?: number
  /** What carries the cluster's packets, where that is known: named beside what the canary found. */
  network?: string
  /** What to do about a cluster that enforces nothing. */
  hint: string
  /** False: no tier of Calico's may be made; a NetworkPolicy will do. Default true. */
  tiers?: boolean
}

/**
 * Pods of ours, a listener and a client on each node, and objects of ours between them. Each node takes up changes in
 * their order: once a node shows the last of ours, what was written before it is in force there.
 */
export interface Canary {
  /**
   * From the first policy on that is not ours: flips a policy and waits until every node shows it.
   * Where there is none, or none any more: waits until every node leads to a new Service, and DNS knows it.
   * `prove`: only sees a deny bite and an allow let through again.
   * Throws `enforces-nothing` where a deny does not bite.
   */
  settled(options?: SettleOptions): Promise<void>
  /** Sees a deny bite and an allow let through again. Throws `enforces-nothing`. */
  prove(signal?: AbortSignal): Promise<void>
  /** Denies no longer, and has no Service left that an interrupted run was about; its pods stay. */
  rest(signal?: AbortSignal): Promise<void>
  /** Deletes all of it and waits until it is gone; that there is nothing is no error. */
  remove(): Promise<void>
}

export function createCanary(connect: () => Promise<KubeClient>, choices: CanaryChoices): Canary {
  let state: State | undefined
  let hasBegun = false
  let hasSeenPolicies = false
  const ready = async (signal?: AbortSignal): Promise<Perch> => {
    const kube = await connect()
    const ground = { kube, choices, signal }
    if (!hasBegun) await claimNamespace(ground)
    state ??= await begin(ground)
    return { ...ground, state }
  }
  /** Whoever is refused it has nothing to take away; after any other failure it may be there. */
  const claimNamespace = async (ground: Ground) => {
    hasBegun = true
    try {
      await ground.kube.apply([canaryNamespaceObject(choices)], applyOptions(ground))
    } catch (error) {
      hasBegun = !wasRefused(error)
      throw error
    }
  }
  const canary: Canary = {
    async settled({ prove = false, signal } = {}) {
      if (prove) return canary.prove(signal)
      const perch = await ready(signal)
      const policies = await hasPolicies(perch.kube)
      hasSeenPolicies ||= policies
      if (hasSeenPolicies) await flip(perch)
      if (policies) return
      if (perch.state.denies) await flip(perch)
      await serviceLeads(perch)
    },
    async prove(signal) {
      const perch = await ready(signal)
      await flip(perch)
      await flip(perch)
    },
    async rest(signal) {
      const ground = { kube: await connect(), choices, signal }
      await write(ground, { denies: false, calico: await usesTiers(ground) })
      if (state) state.denies = false
      const services = await ground.kube.list('v1', 'Service', { namespace: choices.namespace })
      await ground.kube.delete(services, applyOptions(ground))
    },
    async remove() {
      if (!hasBegun) return
      const kube = await connect()
      const calico = state?.calico ?? (await usesTiers({ kube, choices }))
      await kube.delete(canaryObjects(choices, { nodes: [], calico }), { gracePeriodSeconds: 0 })
      state = undefined
    },
  }
  return canary
}

/** All that a canary on these nodes consists of, in its denying state. */
export function canaryObjects(
  place: CanaryPlace,
  { nodes, calico }: { nodes: string[]; calico: boolean },
): KubernetesObject[] {
  return [
    canaryNamespaceObject(place),
    ...canaryPods(place, nodes),
    ...canaryPolicies(place, { denies: true, calico }).apply,
  ]
}

/** Whether the canary's policy can stand in a tier of its own. */
export async function usesTiers({
  kube,
  choices,
}: Pick<Ground, 'kube'> & { choices: Pick<CanaryChoices, 'tiers'> }): Promise<boolean> {
  if (choices.tiers === false) return false
  return (await kube.get('projectcalico.org/v3', 'Tier', 'default')) !== null
}

interface Ground {
  kube: KubeClient
  choices: CanaryChoices
  signal?: AbortSignal | undefined
}

interface Perch extends Ground {
  state: State
}

interface State {
  /** Addresses of the listeners. */
  listeners: string[]
  clients: string[]
  denies: boolean
  calico: boolean
}

async function flip({ state, ...ground }: Perch): Promise<void> {
  state.denies = !state.denies
  await write(ground, state)
  const { denies, listeners, clients } = state
  const lag = await waitFor(ground, {
    client: clients[0]!,
    targets: listeners,
    verdict: denies ? 'deny' : 'allow',
  })
  if (lag.length === 0) return
  throw denies ? enforcesNothing(ground.choices, lag) : stuck(ground.choices, lag)
}

/** A Service that did not exist before, by address and by name, and the name of one that every cluster has. */
async function serviceLeads({ state, ...ground }: Perch): Promise<void> {
  const { kube, choices } = ground
  const service = canaryService(choices, randomBytes(4).toString('hex'))
  const [made] = await kube.apply([service], applyOptions(ground))
  const name = `${service.metadata.name}.${choices.namespace}.svc`
  const targets = [hostPort(made!.spec.clusterIP, servicePort), `${name}:${servicePort}`]
  const lag = await Promise.all(
    state.clients.flatMap((client) => [
      waitFor(ground, { client, targets, verdict: 'allow' }),
      waitFor(ground, { client, targets: ['kubernetes.default.svc:443'], verdict: 'arrive' }),
    ]),
  )
  await kube.delete([service], applyOptions(ground))
  if (lag.flat().length > 0) throw stuck(choices, [...new Set(lag.flat())])
}

/** Policies of anybody but a canary. */
async function hasPolicies(kube: KubeClient): Promise<boolean> {
  const lists = await Promise.all([
    kube.list('networking.k8s.io/v1', 'NetworkPolicy'),
    kube.list('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'),
    kube.list('projectcalico.org/v3', 'NetworkPolicy'),
    kube.list('projectcalico.org/v3', 'GlobalNetworkPolicy'),
  ])
  return lists.flat().some(({ metadata }) => !metadata.namespace?.startsWith(canaryNamespace))
}

/** Makes the pods, and sees that they reach each other while the policy allows it: a deny proves nothing otherwise. */
async function begin(ground: Ground): Promise<State> {
  const { kube, choices } = ground
  const nodes = await readyNodesOf(kube)
  const calico = await usesTiers(ground)
  const pods = canaryPods(choices, nodes)
  await kube.apply(pods, applyOptions(ground))
  await write(ground, { denies: false, calico })
  const timeoutMs = 120_000
  await kube.waitReady(pods, { timeoutMs, ...signalOf(ground) })
  const running = await kube.list('v1', 'Pod', {
    namespace: choices.namespace,
    labelSelector: 'role=listener',
  })
  const listeners = running.map(({ status }) => hostPort(status.podIP, listenerPort))
  const clients = pods
    .filter(({ metadata }) => metadata.labels?.role === 'client')
    .map(({ metadata }) => metadata.name)
  const lag = await waitFor(ground, { client: clients[0]!, targets: listeners, verdict: 'allow' })
  if (lag.length > 0) throw stuck(choices, lag)
  return { listeners, clients, denies: false, calico }
}

async function write(
  ground: Ground,
  { denies, calico }: { denies: boolean; calico: boolean },
): Promise<void> {
  const { apply, remove } = canaryPolicies(ground.choices, { denies, calico })
  await ground.kube.apply(apply, applyOptions(ground))
  await ground.kube.delete(remove, signalOf(ground))
}

/** Targets that do not show the wanted verdict within the time. */
async function waitFor(
  { kube, choices, signal }: Ground,
  wanted: { client: string; targets: string[]; verdict: 'allow' | 'deny' | 'arrive' },
): Promise<string[]> {
  const seconds = Math.ceil(biteTimeoutOf(choices) / 1000)
  const { stdout } = await kube.exec({
    namespace: choices.namespace,
    pod: wanted.client,
    command: ['sh', '-c', canaryScript, 'canary', wanted.verdict, String(seconds), ...wanted.targets],
    stdin: '',
    timeoutMs: seconds * 1000 + 10_000,
    ...(signal && { signal }),
  })
  return stdout.split('\n').filter(Boolean)
}

function biteTimeoutOf({ biteTimeoutMs = 10_000 }: CanaryChoices): number {
  return biteTimeoutMs
}

function signalOf({ signal }: Ground): { signal?: AbortSignal } {
  return signal ? { signal } : {}
}

function applyOptions(ground: Ground): { signal?: AbortSignal; runId?: string } {
  const { runId } = ground.choices
  return { ...signalOf(ground), ...(runId !== undefined && { runId }) }
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function enforcesNothing(choices: CanaryChoices, lag: string[]): LabError {
  return new LabError({
    code: 'enforces-nothing',
    message: 'this cluster enforces nothing: a policy that denies a connection did not stop it',
    cause: `after ${biteTimeoutOf(choices)} ms the canary in namespace ${choices.namespace} still reached ${lag.join(', ')}${choices.network ? `; its network: ${choices.network}` : ''}`,
    hint: choices.hint,
  })
}

function stuck(choices: CanaryChoices, lag: string[]): LabError {
  return new LabError({
    code: 'timeout',
    message: `the canary does not reach ${lag.join(', ')} within ${biteTimeoutOf(choices)} ms`,
    cause: `no policy of ours is in its way; one of yours may select the pods of namespace ${choices.namespace}`,
    hint: 'kubectl get networkpolicies,pods -A -o wide',
  })
}
