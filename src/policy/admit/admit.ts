import type { KubernetesObject } from '../../kubernetes-object.ts'
import { applyDefaults } from './defaults.ts'
import { type FieldProblem, Problems } from './problem.ts'
import { fitShape, isRecord } from './shape.ts'
import { kindShape, objectShape } from './shapes.ts'
import { validate } from './validate.ts'

export interface AdmitOptions {
  /** Know ClusterNetworkPolicy's experimental peers too (`nodes`, `domainNames`). */
  experimental?: boolean
}

/** Whether an object is of a kind that `admit` knows. */
export function isPolicyKind(object: { apiVersion?: unknown; kind?: unknown }): boolean {
  return kindShape(keyOf(object), false) !== undefined
}

/**
 * What the API server would make of a policy object: a copy with its defaults, and everything it would refuse, all
 * at once. With problems, the copy is what could be understood. An object of another kind is returned as it is.
 */
export function admit(
  object: KubernetesObject,
  { experimental = false }: AdmitOptions = {},
): { object: KubernetesObject; problems: FieldProblem[] } {
  const shape = kindShape(keyOf(object), experimental)
  if (!shape) return { object, problems: [] }
  const problems = new Problems()
  const fitted = fitShape(structuredClone(object), objectShape(shape.spec), [], problems) as KubernetesObject
  fitted.metadata ??= { name: '' }
  const hadSpec = isRecord(object.spec)
  applyDefaults(fitted, shape.namespaced)
  if (!hadSpec && requiresSpec(object)) problems.add(['spec'], 'is required')
  else validate(fitted, shape.namespaced, problems)
  return { object: fitted, problems: problems.list }
}

/** Every field of the others' specs is optional. */
function requiresSpec({ kind }: KubernetesObject): boolean {
  return kind === 'ClusterNetworkPolicy' || kind === 'HostEndpoint'
}

function keyOf({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): string {
  return `${apiVersion} ${kind}`
}
