import type { IpVersion } from '../../cidr.ts'
import { concernsPacket, type Ends, type Packet } from '../evaluate/index.ts'
import type { Model, Rule, TierPlan } from '../model/index.ts'
import type { Direction, HostStage } from '../rules.ts'
import { type Actor, actorsOf, familiesOf, familyBetween } from './actor.ts'
import { Partition } from './partition.ts'
import { demandOf, type Trait, Traits } from './traits.ts'

/** Pods that no policy tells apart, at either end, for the packets that the classes were made for. */
export interface ActorClass {
  index: number
  members: Actor[]
  families: string
  /** Places of the members among all actors. */
  places: number[]
}

/** The actors of a model in classes, and what the classes were told apart by. */
export interface Classes {
  model: Model
  actors: Actor[]
  all: ActorClass[]
  /** Index of the class of each actor. */
  classOf: Int32Array
  traits: Traits
  /** Families in which some cell's flow goes. */
  versions: IpVersion[]
  /** Families that classes have, each once; a class's are `families[familyOf[index]]`. */
  families: string[]
  familyOf: Uint8Array
}

const directions: Direction[] = ['egress', 'ingress']

/** Classes for these packets: equal policies in either direction, equal traits at either end. */
export function classesOf(model: Model, packetsIn: (version: IpVersion) => Packet[]): Classes {
  const actors = actorsOf(model)
  const traits = new Traits(model, actors)
  const partition = new Partition(actors.length)
  partition.splitBy((place) => familiesOf(actors[place]!))
  const plans = new Map<TierPlan[], number>()
  partition.splitBy((place) => planKey(model, actors[place]!, plans))
  for (const plan of hostPlans(model)) plans.set(plan, plans.size)
  const versions = versionsOf(actors)
  for (const version of versions)
    for (const { trait, side } of traitsOf([...plans.keys()], packetsIn(version), version))
      partition.split(traits.owners(trait, side, version))
  const all = partition.groups().map((places, index) => {
    const members = places.map((place) => actors[place]!)
    return { index, members, places, families: familiesOf(members[0]!) }
  })
  const classOf = new Int32Array(actors.length)
  for (const { index, places } of all) for (const place of places) classOf[place] = index
  const families = [...new Set(all.map((one) => one.families))]
  const familyOf = Uint8Array.from(all, (one) => families.indexOf(one.families))
  return { model, actors, all, classOf, traits, versions, families, familyOf }
}

/** Whether it matters on which node an actor is, beyond what holds between a node and its own pods. */
export function isBoundToNode({ hosts, catalog }: Model, { node }: Actor): boolean {
  if (hosts.strictNodes.has(node)) return true
  return catalog.hostPods.size > 0 && catalog.nodes.tunnelsDependOnNodes
}

const stages: HostStage[] = ['untracked', 'pre-dnat', 'normal', 'forward']

function hostPlans({ hosts, catalog }: Model): TierPlan[][] {
  return catalog.hostInterfaces.flatMap(({ endpoint }) =>
    stages.flatMap((stage) => directions.map((direction) => hosts.plan(endpoint, stage, direction))),
  )
}

/** Whose policies they are and, since decisions name it, which profile comes last; and the node where that matters. */
function planKey(model: Model, actor: Actor, plans: Map<TierPlan[], number>): string {
  const { endpoint, node } = actor
  const place = isBoundToNode(model, actor) ? ` on ${node}` : ''
  if (!endpoint) return `host${place}`
  const numbers = directions.map((direction) => {
    const plan = model.plan(endpoint, direction)
    if (!plans.has(plan)) plans.set(plan, plans.size)
    return plans.get(plan)
  })
  return `${numbers.join()} ${endpoint.profiles[0]}${place}`
}

function versionsOf(actors: Actor[]): IpVersion[] {
  const families = [...new Set(actors.map(familiesOf))]
  const between = families.flatMap((source) =>
    families.map((destination) => familyBetween(source, destination)),
  )
  return [...new Set(between)].filter((version) => version !== null)
}

/** Every trait that a rule of the plans asks for. */
function traitsOf(plans: TierPlan[][], packets: Packet[], version: IpVersion) {
  const found = new Map<string, { trait: Trait; side: keyof Ends }>()
  for (const rule of rulesOf(plans))
    for (const packet of packets) {
      if (!concernsPacket(rule, packet, version)) continue
      for (const side of ['source', 'destination'] as const) {
        const { all, some, none } = demandOf(rule[side], packet, side)
        for (const trait of [...all, ...some, ...none]) found.set(`${side} ${trait.key}`, { trait, side })
      }
    }
  return found.values()
}

function rulesOf(plans: TierPlan[][]): Set<Rule> {
  const policies = new Set(plans.flat().flatMap((plan) => plan.policies.filter(({ staged }) => !staged)))
  const rules = [...policies].flatMap(({ rules }) => [...(rules.ingress ?? []), ...(rules.egress ?? [])])
  return new Set(rules)
}
