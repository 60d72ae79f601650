import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { FieldProblem } from '../admit/index.ts'

/** `['spec', 'ingress', 0]` */
export type Path = FieldProblem['path']

export const severities = ['error', 'warning', 'info'] as const
/** `error`: it does not do what it says. `warning`: probably not what was meant. `info`: worth knowing. */
export type Severity = (typeof severities)[number]

/** Something that a rule says about an object. */
export interface Finding {
  /** Id of the rule. */
  rule: string
  severity: Severity
  /** What is the case, in one sentence without a full stop. */
  message: string
  object: { apiVersion: string; kind: string; namespace: string | null; name: string }
  /** Where in the object. */
  path: Path
  file?: string
  /** Both count from 1. */
  line?: number
  col?: number
  /** What to do about it. */
  fix: string
}

/** What a rule's check yields; the rule adds the rest. */
export interface Spot {
  /** As it was given. */
  object: KubernetesObject
  path: Path
  message: string
  /** Where the rule's own is too general. */
  fix?: string
}

/** Whether a severity counts where findings from `threshold` up do. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold)
}
