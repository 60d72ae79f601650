import type { FieldProblem } from '../admit/index.ts'
import type { LintedPolicy } from './lint-context.ts'
import { isCalicoForm, isKubernetesForm } from './written.ts'

/** Where a field belongs, as its reader would say it. */
const kubernetesPlaces: Record<string, string> = {
  podSelector: 'spec, or an item of from and to',
  namespaceSelector: 'an item of from and to',
  ipBlock: 'an item of from and to',
  cidr: 'ipBlock',
  except: 'ipBlock, beside cidr',
  from: 'an item of ingress',
  to: 'an item of egress',
  ports: 'an item of ingress and egress, beside from and to',
  protocol: 'an item of ports',
  port: 'an item of ports',
  endPort: 'an item of ports, beside port',
  policyTypes: 'spec',
  ingress: 'spec',
  egress: 'spec',
  matchLabels: 'podSelector and namespaceSelector',
  matchExpressions: 'podSelector and namespaceSelector',
}

const calicoPlaces: Record<string, string> = {
  tier: 'spec',
  order: 'spec',
  types: 'spec',
  ingress: 'spec',
  egress: 'spec',
  serviceAccountSelector: 'spec',
  selector: 'spec, or source and destination of a rule',
  namespaceSelector: 'source and destination of a rule, and spec of a GlobalNetworkPolicy',
  notSelector: 'source and destination of a rule',
  nets: 'source and destination of a rule',
  notNets: 'source and destination of a rule',
  ports: 'source and destination of a rule',
  notPorts: 'source and destination of a rule',
  services: 'source and destination of a rule',
  serviceAccounts: 'source and destination of a rule',
  action: 'a rule, in ingress and egress',
  protocol: 'a rule, beside action',
  notProtocol: 'a rule, beside action',
  icmp: 'a rule, beside action',
  http: 'a rule, beside action',
  source: 'a rule, beside action',
  destination: 'a rule, beside action',
}

/** What an unknown field is. */
export type Misfit =
  | { kind: 'misplaced'; name: string; place: string }
  | { kind: 'foreign'; name: string; form: string }
  | { kind: 'unknown'; name: string }

/** A field that belongs elsewhere in the same kind, to the other family of kinds, or nowhere. */
export function misfitOf(linted: LintedPolicy, { path }: FieldProblem): Misfit {
  const name = String(path.at(-1))
  const kubernetes = kubernetesPlaces[name]
  const calico = calicoPlaces[name]
  if (isKubernetesForm(linted)) {
    if (kubernetes) return { kind: 'misplaced', name, place: kubernetes }
    if (calico && path.length > 1)
      return { kind: 'foreign', name, form: "Calico's own kinds (projectcalico.org/v3)" }
  } else if (isCalicoForm(linted)) {
    if (calico) return { kind: 'misplaced', name, place: calico }
    if (kubernetes) return { kind: 'foreign', name, form: "Kubernetes' NetworkPolicy (networking.k8s.io/v1)" }
  }
  return { kind: 'unknown', name }
}
