import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type CompleteOptions, completeModel } from '../complete/index.ts'
import {
  type ConnectionMatrix,
  type Connections,
  connectionMatrix,
  connectionProtocols,
} from '../matrix/index.ts'
import { portSetText } from '../port-set.ts'
import { type Newcomer, newcomersOf, objectsOf } from './newcomers.ts'

/** What pods that do not exist yet would be let to reach, and be reached from. */
export interface Exposure {
  /** Pods that are treated alike, and their newcomers. */
  pods: { names: string[]; ingress: Exposed[]; egress: Exposed[] }[]
  /** Kinds of newcomers that were left out because there are too many. */
  left: number
  assumptions: string[]
  problems: string[]
}

/** Newcomers for whom the same ports are open. */
export interface Exposed {
  newcomers: Omit<Newcomer, 'id'>[]
  open: Connections
}

/**
 * What a set of policies would admit from and to pods that do not exist yet. Each is asked about as if it did, so
 * that policies that would govern it count. The first entry of a list is a pod without labels in a namespace that
 * is not among the objects; others follow only where they are treated differently.
 */
export function exposureOf(given: KubernetesObject[], options: CompleteOptions = {}): Exposure {
  const now = completeModel(given, options)
  const { newcomers, left } = newcomersOf(now.model, now.objects)
  const nobody = { pods: [], left, assumptions: now.assumptions }
  if (now.problems.length > 0) return { ...nobody, problems: now.problems }
  const { model, problems } = completeModel([...now.objects, ...objectsOf(newcomers)], options)
  // They have names that nobody gave them.
  const unnamed = problems.map((text) => `new pods${text.slice(text.indexOf(':'))}`)
  if (problems.length > 0) return { ...nobody, problems: unnamed }
  const matrix = connectionMatrix(model)
  const places = new Map(matrix.actors.map(({ id }, place) => [id, place]))
  const classes = newcomers.map((newcomer) => ({
    newcomer,
    index: matrix.classOf[places.get(newcomer.id)!]!,
  }))
  const ids = new Set(newcomers.map(({ id }) => id))
  const pods = matrix.classes.flatMap(({ index, members }) => {
    const names = members.map(({ id }) => id).filter((id) => !ids.has(id))
    if (names.length === 0) return []
    return [
      {
        names,
        ingress: exposed(classes, (other) => matrix.ofClasses(other, index)),
        egress: exposed(classes, (other) => matrix.ofClasses(index, other)),
      },
    ]
  })
  return { ...nobody, pods, problems }
}

function exposed(
  classes: { newcomer: Newcomer; index: number }[],
  openFor: (index: number) => ReturnType<ConnectionMatrix['ofClasses']>,
): Exposed[] {
  const byText = new Map<string, Exposed>()
  for (const { newcomer, index } of classes) {
    const open = openFor(index)
    const { id: _, ...described } = newcomer
    const text = connectionProtocols.map((protocol) => portSetText(open[protocol])).join(' ')
    const known = byText.get(text)
    if (known) known.newcomers.push(described)
    else byText.set(text, { open, newcomers: [described] })
  }
  const [anyone, ...others] = byText.values()
  // There is a newcomer for any namespace, always.
  return [{ ...anyone!, newcomers: anyone!.newcomers.slice(0, 1) }, ...others]
}
