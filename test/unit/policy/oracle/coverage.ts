import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { admit, buildModel, evaluate, type Flow, type Model } from '../../../../src/policy/index.ts'
import type { Random } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { engineFlow, randomFlow } from './random-flow.ts'
import { readWorld } from './world.ts'

/** How a field fared in the random sets. */
export interface Coverage {
  /** Times it was there. */
  used: number
  /** Times it was left out (where it is required: written otherwise) to see what changes. */
  tried: number
  /** Times some verdict changed, enforced or pending. */
  decided: number
}

/** Once a field has decided as often as this, it is only counted. */
const enough = 3

/** By `Kind field`, lists written `[]` and keys of labels `*`: every field that random sets have. */
export function coverageOf(
  random: Random,
  { sets, flowsPerSet }: { sets: number; flowsPerSet: number },
): Map<string, Coverage> {
  const rows = new Map<string, Coverage>()
  const donors = new Map<string, unknown[]>()
  for (let set = 0; set < sets; set++) {
    const objects = [...randomCluster(random), ...randomPolicies(random)]
    const world = readWorld(objects)
    const flows = Array.from({ length: flowsPerSet }, () => engineFlow(randomFlow(random, world)))
    const before = flows.map((_, index) => index).map(verdicts(objects, flows))
    for (const name of flows.flatMap(situationsOf(buildModel(objects)))) {
      const row = rows.get(name) ?? { used: 0, tried: 0, decided: 0 }
      rows.set(name, { ...row, used: row.used + 1, decided: row.decided + 1 })
    }
    objects.forEach((object, at) => {
      if (set % pace(object) > 0) return
      for (const path of fieldPaths(object)) {
        const name = fieldName(kindName(object), path)
        const row = rows.get(name) ?? { used: 0, tried: 0, decided: 0 }
        rows.set(name, row)
        row.used++
        const value = read(object, path)
        const known = donors.get(name) ?? []
        donors.set(name, [...known, value].slice(-20))
        if (row.decided >= enough) continue
        const changed = changedObject(object, path, known)
        if (!changed) continue
        row.tried++
        const after = verdicts(objects.with(at, changed), flows)
        if (before.some((verdict, index) => verdict !== after(index))) row.decided++
      }
    })
  }
  return rows
}

/** What no single field says, counted in the verdicts that it decided. */
function situationsOf(model: Model): (flow: Flow) => string[] {
  return (flow) => {
    const { egress, ingress } = evaluate(model, flow)
    const pending = evaluate(model, flow, { pending: true })
    const traces = [egress, ingress].flatMap((side) => (side ? [side.trace] : []))
    const isHost = (end: string) => model.catalog.hostPods.has(end)
    const situations: Record<string, boolean> = {
      'Pass from the last tier': traces.some(
        (trace) => trace.at(-2)?.action === 'pass' && trace.at(-2)!.rule !== null,
      ),
      'end of a tier that passes on': traces.some(
        (trace) => trace.at(-2)?.action === 'pass' && trace.at(-2)!.rule === null,
      ),
      'end of a tier that denies': traces.some((trace) => trace.at(-1)?.rule === null),
      'a HostEndpoint denies': [egress, ingress].some(
        (side) => side?.verdict === 'denied' && side.stage !== 'pod',
      ),
      'a failsafe port of a HostEndpoint': [egress, ingress].some(
        (side) => side?.decidedBy.kind === 'Failsafe',
      ),
      'from a host-network pod to a pod of another node': isHost(flow.source) && ingress !== null,
      'from a pod to a host-network pod': isHost(flow.destination) && egress !== null,
      'a pod to itself through a Service': flow.source === flow.destination && ingress !== null,
      'staged policies would decide otherwise':
        pending.egress?.verdict !== egress?.verdict || pending.ingress?.verdict !== ingress?.verdict,
    }
    return Object.keys(situations).flatMap((name) => (situations[name] ? [`Situation: ${name}`] : []))
  }
}

/** What every set has is looked at in some of them. */
function pace({ kind }: KubernetesObject): number {
  if (kind.endsWith('Policy')) return 1
  return ['HostEndpoint', 'NetworkSet', 'GlobalNetworkSet', 'Tier'].includes(kind) ? 2 : 8
}

type Path = (string | number)[]

/** Without the field; where that is no valid object, with another value of the field. A name sorts differently. */
function changedObject(object: KubernetesObject, path: Path, donors: unknown[]): KubernetesObject | null {
  if (pattern(path) === 'metadata.name') {
    const name = object.metadata.name.startsWith('p')
      ? `a${object.metadata.name}`
      : `z${object.metadata.name}`
    return object.kind.endsWith('Policy') ? { ...object, metadata: { ...object.metadata, name } } : null
  }
  const removed = change(object, path, undefined)
  if (isUsable(removed)) return removed
  const value = JSON.stringify(read(object, path))
  const other = donors.findLast((donor) => JSON.stringify(donor) !== value)
  const replaced = other === undefined ? null : change(object, path, other)
  return replaced && isUsable(replaced) ? replaced : null
}

/** Objects of the cluster itself are used as they are: nothing checks them here. */
function isUsable(object: KubernetesObject): boolean {
  if (object.kind === 'Pod') return Boolean(object.spec.nodeName && object.spec.serviceAccountName)
  if (object.kind === 'EndpointSlice')
    return object.ports.every(({ port, protocol }: Record<string, unknown>) => port && protocol)
  return admit(object).problems.length === 0
}

/** Verdict by verdict, as far as somebody asks. */
function verdicts(objects: KubernetesObject[], flows: Flow[]): (index: number) => string {
  const model = buildModel(objects)
  const asked = objects.some(({ kind }) => kind.startsWith('Staged')) ? [false, true] : [false]
  return (index) => {
    const flow = flows[index]!
    if ([flow.source, flow.destination].some((end) => end.includes('/') && !known(model, end))) return '-'
    return asked.map((pending) => evaluate(model, flow, { pending }).verdict).join(' ')
  }
}

function known({ pods, catalog }: ReturnType<typeof buildModel>, end: string): boolean {
  return pods.has(end) || catalog.hostPods.has(end)
}

/** What is looked at, outer fields before inner ones. */
function fieldPaths(object: KubernetesObject): Path[] {
  const { kind, spec, metadata } = object
  // Where policies are enforced, rather than one.
  if (kind === 'IPPool') return []
  if (kind === 'Pod')
    return [['metadata', 'labels'], ['spec', 'nodeName'], ['spec', 'serviceAccountName'], ...podPaths(spec)]
  if (kind === 'EndpointSlice')
    return [
      ['endpoints', 0],
      ['ports', 0],
      ['ports', 0, 'port'],
      ['ports', 0, 'protocol'],
    ]
  const labels: Path[] = metadata.labels ? [['metadata', 'labels']] : []
  const name: Path[] = kind.endsWith('Policy') ? [['metadata', 'name']] : []
  return [...name, ...labels, ...pathsBelow(spec, ['spec'])]
}

function podPaths(spec: KubernetesObject['spec']): Path[] {
  const hostNetwork: Path[] = spec.hostNetwork ? [['spec', 'hostNetwork']] : []
  return [
    ...hostNetwork,
    ...pathsBelow(spec.containers[0]?.ports, ['spec', 'containers', 0, 'ports']).filter(
      (path) => path.length > 5,
    ),
  ]
}

function pathsBelow(value: unknown, path: Path): Path[] {
  if (value === null || typeof value !== 'object') return []
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return keys.flatMap((key) => {
    const inner = [...path, key]
    return [inner, ...pathsBelow((value as Record<string, unknown>)[key], inner)]
  })
}

/** `spec.ingress[].source.nets[]`. */
function pattern(path: Path): string {
  const parts = path.map((key, index) => {
    if (typeof key === 'number') return '[]'
    return ['matchLabels', 'annotations'].includes(String(path[index - 1])) ? '.*' : `.${key}`
  })
  return parts.join('').slice(1)
}

/** Kinds that share a type of rule share its fields here, and so do both directions. */
export function fieldName(kind: string, path: Path): string {
  const text = pattern(path)
  const inner = /^spec\.(?:ingress|egress)\[\]\.(.*)/.exec(text)?.[1]
  if (inner === undefined) return `${kind} ${text}`
  const rule = kind.includes('Kubernetes')
    ? 'Kubernetes'
    : kind === 'ClusterNetworkPolicy'
      ? 'ClusterNetworkPolicy'
      : 'Calico'
  return `${rule} rule ${inner.replace(/^(from|to)\b/, 'peers')}`
}

/** Kubernetes' own NetworkPolicy is told apart from Calico's. */
function kindName({ apiVersion, kind }: KubernetesObject): string {
  return apiVersion === 'networking.k8s.io/v1' ? `Kubernetes${kind}` : kind
}

function read(object: KubernetesObject, path: Path): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: any place within an object
  return path.reduce((at: any, key) => at[key], object)
}

/** A copy with another value at a path; undefined leaves it out. */
function change(object: KubernetesObject, path: Path, value: unknown): KubernetesObject {
  const copy = structuredClone(object)
  const parent = read(copy, path.slice(0, -1)) as Record<string | number, unknown>
  const last = path.at(-1)!
  if (value !== undefined) parent[last] = value
  else if (Array.isArray(parent)) parent.splice(last as number, 1)
  else delete parent[last]
  return copy
}
