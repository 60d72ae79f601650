import type { KubernetesObject } from '../kubernetes-object.ts'
import { type FieldProblem, mostSimilar, policyKinds } from '../policy/index.ts'
import { clusterShapes } from './cluster-shapes.ts'

/** Kinds that change nothing, and of which the policy engine says why. */
const namedKinds = [
  'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy',
  'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy',
]

/** `apiVersion kind` of all that ztlab looks into. */
const known = new Set([...policyKinds, ...Object.keys(clusterShapes), ...namedKinds])

const versions = new Set([...known].map((key) => key.split(' ')[0]!))

/** API groups in which a kind of ours can only be meant as ours. */
const groups = new Set([...versions].map(groupOf).concat('extensions', 'crd.projectcalico.org'))

/** Whether an object is of a kind that ztlab looks into; a problem where it looks like one and is none. */
export function understand({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): {
  ours: boolean
  problem?: FieldProblem
} {
  if (known.has(`${apiVersion} ${kind}`)) return { ours: true }
  const elsewhere = [...known].filter((key) => key.endsWith(` ${kind}`)).map((key) => key.split(' ')[0]!)
  if (elsewhere.length > 0 && groups.has(groupOf(apiVersion))) {
    const message = `there is no ${kind} in ${apiVersion}`
    const fix = `write ${elsewhere.join(' or ')}`
    return { ours: false, problem: { path: ['apiVersion'], message, fix } }
  }
  const similar = versions.has(apiVersion) ? mostSimilar(kind, kindsOf(apiVersion)) : undefined
  if (similar === undefined) return { ours: false }
  const message = `${apiVersion} has no kind ${kind}`
  return { ours: false, problem: { path: ['kind'], message, fix: `did you mean ${similar}?` } }
}

function kindsOf(apiVersion: string): string[] {
  return [...known].filter((key) => key.startsWith(`${apiVersion} `)).map((key) => key.split(' ')[1]!)
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : ''
}
