import { type IpVersion, parseAddress } from '../../cidr.ts'
import {
  answer,
  type Flow,
  type FlowVerdict,
  type PodWalk,
  podWalk,
  type Question,
  questionOf,
} from '../evaluate/index.ts'
import type { Model } from '../model/index.ts'
import type { Direction } from '../rules.ts'

/** The verdict on a flow, or null where its ends have no address family in common. */
export function verdictOn(model: Model, flow: Flow): FlowVerdict | null {
  const question = questionOn(model, flow)
  return question && answer(model, question)
}

/** A flow as questions to both ends, or null where they have no address family in common. */
export function questionOn(model: Model, flow: Flow): Question | null {
  const [source, destination] = [versionsOf(model, flow.source), versionsOf(model, flow.destination)]
  const shared = source.filter((version) => destination.includes(version))
  const wanted = flow.ipVersion ?? shared[0]
  if (wanted === undefined || !shared.includes(wanted)) return null
  return questionOf(model, { ...flow, ipVersion: wanted }, false)
}

/** What is asked of a pod about a flow; null where there is no pod on that side. */
export function podQuestion(model: Model, flow: Flow, direction: Direction): PodWalk | null {
  const question = questionOn(model, flow)
  return question && podWalk(question[direction])
}

/** Families in which a pod or an address can be reached; a pod without an address takes any. */
function versionsOf({ catalog }: Model, id: string): IpVersion[] {
  const address = parseAddress(id)
  if (address) return [address.version]
  const addresses = (catalog.pod(id) ?? catalog.hostPods.get(id))?.addresses ?? []
  return addresses.length === 0 ? [4, 6] : [...new Set(addresses.map(({ version }) => version))]
}
