import { randomBytes } from 'node:crypto'
import { type KubeClient, wasRefused } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { SettleOptions } from '../cluster.ts'
import { readyNodesOf } from '../nodes.ts'
import type { CanaryChoices, CanaryPlace } from './choices.ts'
import { biteTimeoutOf, enforcesNothing, notEnforced, stuck } from './failures.ts'
import { type CanaryKind, canaryKinds, closedPortAnnotation, kindObjects, kindsAmong } from './kinds.ts'
import {
  canaryNamespace,
  canaryNamespaceObject,
  canaryPods,
  canaryPolicies,
  canaryScript,
  canaryService,
  listenerPort,
  servicePort,
} from './objects.ts'

/**
 * Pods of ours, a listener and a client on each node, and objects of ours between them. Each node takes up changes of a
 * kind in their order: once it shows the last of ours, what was written of that kind before is in force there.
 */
export interface Canary {
  /**
   * From the first policy on that is not ours: flips a policy, and one of each kind that has changed, and waits until
   * every node shows them.
   * Where there is none, or none any more: waits until every node leads to a new Service, and DNS knows it. Where there
   * are some, until every node leads to it where a Service or its endpoints have changed and Calico has a tier for us.
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
    async settled({ prove = false, changed = [], signal } = {}) {
      if (prove) return canary.prove(signal)
      const perch = await ready(signal)
      const policies = await hasPolicies(perch.kube)
      hasSeenPolicies ||= policies
      if (hasSeenPolicies) await flip(perch, kindsAmong(changed))
      // Past the policies of others only a tier of its own leads, and not to their DNS.
      if (policies && !(perch.state.calico && changed.some(isOfServices))) return
      if (perch.state.denies) await flip(perch)
      await serviceLeads(perch, { byName: !policies })
    },
    async prove(signal) {
      const perch = await ready(signal)
      await flip(perch)
      await flip(perch)
    },
    async rest(signal) {
      const ground = { kube: await connect(), choices, signal }
      await write(ground, { denies: false, calico: await usesTiers(ground) })
      if (state) Object.assign(state, { denies: false, closed: new Map() })
      await ground.kube.delete(kindObjects(choices, canaryKinds), signalOf(ground))
      const services = await ground.kube.list('v1', 'Service', { namespace: choices.namespace })
      await ground.kube.delete(services, applyOptions(ground))
    },
    async remove() {
      if (!hasBegun) return
      const kube = await connect()
      const calico = state?.calico ?? (await usesTiers({ kube, choices }))
      const changed = [...(state?.closed.keys() ?? [])]
      await kube.delete(canaryObjects(choices, { nodes: [], calico, changed }), { gracePeriodSeconds: 0 })
      state = undefined
    },
  }
  return canary
}

/** All that a canary on these nodes consists of, in its denying state, once objects of these kinds have changed. */
export function canaryObjects(
  place: CanaryPlace,
  { nodes, calico, changed = [] }: { nodes: string[]; calico: boolean; changed?: SettleOptions['changed'] },
): KubernetesObject[] {
  return [
    canaryNamespaceObject(place),
    ...canaryPods(place, nodes),
    ...canaryPolicies(place, { denies: true, calico }).apply,
    ...(calico ? kindObjects(place, kindsAmong(changed)) : []),
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
  /** Addresses of the clients. */
  clientAddresses: string[]
  denies: boolean
  calico: boolean
  /** The port that the canary's object of a kind closes now, for those that were flipped. */
  closed: Map<CanaryKind, number>
}

async function flip({ state, ...ground }: Perch, kinds: CanaryKind[] = []): Promise<void> {
  state.denies = !state.denies
  // Without tiers of its own the canary stands behind others' policies, and may be denied in any case.
  const closing = state.calico
    ? await Promise.all(kinds.map((kind) => nextClosed({ state, ...ground }, kind)))
    : []
  const objects = closing.map(([kind, port]) => kind.object(ground.choices, port, state.clientAddresses))
  await write(ground, { ...state, more: objects })
  const { denies, listeners, clients } = state
  const lag = await waitFor(ground, clients[0]!, [
    ...listeners.map((address): Sight => [denies ? 'deny' : 'allow', hostPort(address, listenerPort)]),
    // That the one is closed shows that the other is open: both are told by one object.
    ...listeners.flatMap((address) => closing.map(([, port]): Sight => ['deny', hostPort(address, port)])),
  ])
  if (lag.length === 0) return
  const isLate = (port: number) => lag.some((target) => target.endsWith(`:${port}`))
  const late = closing.find(([, port]) => isLate(port))
  if (late && !isLate(listenerPort)) throw notEnforced(ground.choices, late[0], lag)
  throw denies ? enforcesNothing(ground.choices, lag) : stuck(ground.choices, lag)
}

/** The other port than the one that is closed now, by whichever run. */
async function nextClosed({ state, kube, choices }: Perch, kind: CanaryKind): Promise<[CanaryKind, number]> {
  const [first, second] = kind.ports
  const now = state.closed.get(kind) ?? Number(await closedBefore(kube, kind.object(choices, first, [])))
  const next = now === first ? second : first
  state.closed.set(kind, next)
  return [kind, next]
}

async function closedBefore(kube: KubeClient, object: KubernetesObject): Promise<string | undefined> {
  const { name, namespace } = object.metadata
  const there = await kube.get(object.apiVersion, object.kind, name, namespace)
  return there?.metadata.annotations?.[closedPortAnnotation]
}

/** What kube-proxy programs, in its own time: it may be a second behind. */
function isOfServices({ kind }: Pick<KubernetesObject, 'kind'>): boolean {
  return kind === 'Service' || kind === 'EndpointSlice'
}

/** A Service that did not exist before, by address; `byName` by its name, too, and that of one that every cluster has. */
async function serviceLeads({ state, ...ground }: Perch, { byName }: { byName: boolean }): Promise<void> {
  const { kube, choices } = ground
  const service = canaryService(choices, randomBytes(4).toString('hex'))
  const [made] = await kube.apply([service], applyOptions(ground))
  const name = `${service.metadata.name}.${choices.namespace}.svc`
  const byAddress: Sight = ['allow', hostPort(made!.spec.clusterIP, servicePort)]
  const named: Sight[] = [
    ['allow', `${name}:${servicePort}`],
    ['arrive', 'kubernetes.default.svc:443'],
  ]
  const sights = byName ? [byAddress, ...named] : [byAddress]
  const lag = await Promise.all(state.clients.map((client) => waitFor(ground, client, sights)))
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
  const running = (role: string) =>
    kube.list('v1', 'Pod', { namespace: choices.namespace, labelSelector: `role=${role}` })
  const listeners = (await running('listener')).map(({ status }) => status.podIP as string)
  const clientAddresses = (await running('client')).flatMap(({ status }) =>
    ((status.podIPs ?? [{ ip: status.podIP }]) as { ip: string }[]).map(({ ip }) => ip),
  )
  const clients = pods
    .filter(({ metadata }) => metadata.labels?.role === 'client')
    .map(({ metadata }) => metadata.name)
  const targets = listeners.map((address): Sight => ['allow', hostPort(address, listenerPort)])
  const lag = await waitFor(ground, clients[0]!, targets)
  if (lag.length > 0) throw stuck(choices, lag)
  return { listeners, clients, clientAddresses, denies: false, calico, closed: new Map() }
}

async function write(
  ground: Ground,
  { denies, calico, more = [] }: { denies: boolean; calico: boolean; more?: KubernetesObject[] },
): Promise<void> {
  const { apply, remove } = canaryPolicies(ground.choices, { denies, calico })
  await ground.kube.apply([...apply, ...more], applyOptions(ground))
  await ground.kube.delete(remove, signalOf(ground))
}

/** What a client is to see of an address, as `host:port`. */
type Sight = [verdict: 'allow' | 'deny' | 'arrive', target: string]

/** Targets that do not show what they are to show within the time. One exec for all. */
async function waitFor(
  { kube, choices, signal }: Ground,
  client: string,
  sights: Sight[],
): Promise<string[]> {
  const seconds = Math.ceil(biteTimeoutOf(choices) / 1000)
  const { stdout } = await kube.exec({
    namespace: choices.namespace,
    pod: client,
    command: ['sh', '-c', canaryScript, 'canary', String(seconds), ...sights.flat()],
    stdin: '',
    timeoutMs: seconds * 1000 + 10_000,
    ...(signal && { signal }),
  })
  return stdout.split('\n').filter(Boolean)
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
