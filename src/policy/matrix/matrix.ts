import type { IpVersion } from '../../cidr.ts'
import { evaluate, type Flow, type FlowVerdict, type Packet, packetOf } from '../evaluate/index.ts'
import type { Model } from '../model/index.ts'
import { type Actor, familiesOf, familyBetween } from './actor.ts'
import { type ActorClass, type Classes, classesOf, isBoundToNode } from './classes.ts'
import { type Decision, type Row, Rows } from './rows.ts'

export type MatrixPort = Pick<Flow, 'protocol' | 'port'>

/** Every pod to every pod, on some ports: verdicts are kept by class and looked up by pod. */
export interface PolicyMatrix {
  /** All pods, host-network ones included, by name. */
  actors: Actor[]
  /** Pods that no policy tells apart on these ports. */
  classes: ActorClass[]
  /** Index of the class of each actor. */
  classOf: Int32Array
  /** One port after the other, each computed when it is asked for. */
  ports(): Iterable<PortMatrix>
}

/** What policies say of one flow from pod to pod. */
export interface MatrixCell {
  /** `unreachable`: the pods have no address family in common. */
  verdict: (typeof verdicts)[number]
  /** What either side's policies say; null where none is asked. */
  egress: Decision | null
  ingress: Decision | null
}

/** One port of a matrix. Places are indexes of `actors`, classes indexes of `classes`. */
export interface PortMatrix {
  port: MatrixPort
  cell(from: number, to: number): MatrixCell
  /** The cell of any two different pods of the classes that are not on one node. */
  ofClasses(from: number, to: number): MatrixCell
  /** The verdicts of `ofClasses` from one class to all, as indexes of `verdicts`. */
  verdictsFrom(from: number): Uint8Array
}

export const verdicts = ['denied', 'allowed', 'unreachable'] as const

/** The matrix of a model, whose ports share their classes. */
export function policyMatrix(model: Model, ports: MatrixPort[]): PolicyMatrix {
  const flows = ports.map((port) => ({ source: '', destination: '', ...port }))
  const classes = classesOf(model, (version) => flows.map((flow) => packetOf(flow, version)))
  return {
    actors: classes.actors,
    classes: classes.all,
    classOf: classes.classOf,
    *ports() {
      for (const [index, flow] of flows.entries())
        yield portMatrix(classes, ports[index]!, (version) => packetOf(flow, version))
    },
  }
}

/**
 * What holds between two pods whatever their policies say: a pod reaches itself, a node its own pods, and pods
 * their own node unless Calico is told to drop that. Null where policies decide, as HostEndpoints do within a node.
 */
export function nearness(
  { options, hosts }: Model,
  { from, to }: { from: Actor; to: Actor },
): 'open' | 'closed' | null {
  if (from === to) return from.endpoint || !hosts.strictNodes.has(from.node) ? 'open' : null
  if (from.node !== to.node || from.node === '' || familyBetween(familiesOf(from), familiesOf(to)) === null)
    return null
  if (!from.endpoint && to.endpoint) return 'open'
  if (!from.endpoint) return hosts.strictNodes.has(from.node) ? null : 'open'
  return !to.endpoint && options.endpointToHost === 'drop' ? 'closed' : null
}

function portMatrix(
  classes: Classes,
  port: MatrixPort,
  packetIn: (version: IpVersion) => Packet,
): PortMatrix {
  const { model, all } = classes
  const bound = all.map(({ members }) => isBoundToNode(model, members[0]!))
  const plain = new OnePort(classes, port, packetIn)
  return bound.includes(true) ? new BoundPort(classes, plain, bound) : plain
}

interface Side {
  decisions: Decision[]
  /** By class; null where nobody is asked. */
  egress: (Row | null)[]
  ingress: (Row | null)[]
  /** By decision: 1 where it allows. */
  allows: Uint8Array
}

const unasked: MatrixCell = { verdict: 'allowed', egress: null, ingress: null }
const unreachable: MatrixCell = { verdict: 'unreachable', egress: null, ingress: null }

class OnePort implements PortMatrix {
  private readonly byVersion = new Map<IpVersion, Side>()
  /** By families of the source, then of the destination: the family of their flows. */
  private readonly versions: (IpVersion | null)[][]

  constructor(
    private readonly classes: Classes,
    readonly port: MatrixPort,
    packetIn: (version: IpVersion) => Packet,
  ) {
    for (const version of classes.versions) {
      const rows = new Rows(classes, packetIn(version), version)
      const of = (direction: 'egress' | 'ingress') =>
        classes.all.map((one) => rows.row(one, one.index, direction))
      const [egress, ingress] = [of('egress'), of('ingress')]
      const { decisions } = rows
      const allows = Uint8Array.from(decisions, ({ verdict }) => Number(verdict === 'allowed'))
      this.byVersion.set(version, { egress, ingress, decisions, allows })
    }
    const { families } = classes
    this.versions = families.map((source) =>
      families.map((destination) => familyBetween(source, destination)),
    )
  }

  cell(from: number, to: number): MatrixCell {
    const { actors, classOf, model } = this.classes
    const fixed = nearness(model, { from: actors[from]!, to: actors[to]! })
    if (fixed === 'open') return unasked
    const cell = this.ofClasses(classOf[from]!, classOf[to]!)
    return fixed === 'closed' ? { ...cell, verdict: 'denied' } : cell
  }

  ofClasses(from: number, to: number): MatrixCell {
    const { familyOf } = this.classes
    const version = this.versions[familyOf[from]!]![familyOf[to]!]!
    if (version === null) return unreachable
    const { decisions, egress, ingress } = this.byVersion.get(version)!
    const out = egress[from] ? decisions[egress[from][to]!]! : null
    const into = ingress[to] ? decisions[ingress[to][from]!]! : null
    const denied = out?.verdict === 'denied' || into?.verdict === 'denied'
    return { verdict: denied ? 'denied' : 'allowed', egress: out, ingress: into }
  }

  verdictsFrom(from: number): Uint8Array {
    const { all, familyOf } = this.classes
    const codes = new Uint8Array(all.length).fill(verdicts.indexOf('unreachable'))
    for (const [family, version] of this.versions[familyOf[from]!]!.entries()) {
      const side = version && this.byVersion.get(version)
      if (!side) continue
      const { allows, ingress } = side
      const egress = side.egress[from]
      for (let to = 0; to < codes.length; to++) {
        if (familyOf[to] !== family) continue
        const into = ingress[to]
        codes[to] = (egress ? allows[egress[to]!]! : 1) & (into ? allows[into[from]!]! : 1)
      }
    }
    return codes
  }
}

/**
 * A port where the way between nodes matters, since HostEndpoints or tunnels change what happens on it: pairs of
 * classes that are bound to nodes are asked one by one. All pods of such a class are on one node.
 */
class BoundPort implements PortMatrix {
  private readonly known = new Map<number, MatrixCell>()

  constructor(
    private readonly classes: Classes,
    private readonly plain: OnePort,
    private readonly bound: boolean[],
  ) {}

  get port(): MatrixPort {
    return this.plain.port
  }

  cell(from: number, to: number): MatrixCell {
    const { classOf } = this.classes
    const [source, destination] = [classOf[from]!, classOf[to]!]
    if (!this.isBound(source, destination)) return this.plain.cell(from, to)
    const { actors, model } = this.classes
    if (nearness(model, { from: actors[from]!, to: actors[to]! }) === 'open') return unasked
    return this.ofClasses(source, destination)
  }

  ofClasses(from: number, to: number): MatrixCell {
    const { all } = this.classes
    if (!this.isBound(from, to)) return this.plain.ofClasses(from, to)
    const source = all[from]!.members[0]!
    // A class of one has no pair of different pods; on its node's network it is like any other there.
    const destination = all[to]!.members[from === to ? 1 : 0] ?? source
    const key = from * all.length + to
    const cell = this.known.get(key) ?? this.ask(source, destination)
    this.known.set(key, cell)
    return cell
  }

  verdictsFrom(from: number): Uint8Array {
    const { all } = this.classes
    const codes = this.plain.verdictsFrom(from)
    for (const { index } of all)
      if (this.isBound(from, index)) codes[index] = verdicts.indexOf(this.ofClasses(from, index).verdict)
    return codes
  }

  private isBound(from: number, to: number): boolean {
    return this.bound[from]! || this.bound[to]!
  }

  private ask(source: Actor, destination: Actor): MatrixCell {
    const version = familyBetween(familiesOf(source), familiesOf(destination))
    if (version === null) return unreachable
    const flow = { source: source.id, destination: destination.id, ...this.port, ipVersion: version }
    const { verdict, egress, ingress } = evaluate(this.classes.model, flow)
    return { verdict, egress: decisionOf(egress), ingress: decisionOf(ingress) }
  }
}

function decisionOf(side: FlowVerdict['egress']): Decision | null {
  return side && { verdict: side.verdict, decidedBy: side.decidedBy }
}
