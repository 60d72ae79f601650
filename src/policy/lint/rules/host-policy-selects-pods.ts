import { compileSelector } from '../../selector.ts'
import { parseSelector } from '../../selector-parser.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { isCalicoForm } from '../written.ts'

export const hostOnlyPolicy: LintRule = {
  id: 'host-policy-selects-pods',
  severity: 'error',
  title: 'doNotTrack or preDNAT for pods, which does nothing',
  why: `Policies with \`doNotTrack\` or \`preDNAT\` act on host endpoints only. Pods that their selector matches are neither
isolated nor allowed anything by them.`,
  fix: 'remove doNotTrack and preDNAT, or select host endpoints',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: protect-db }
spec:
  selector: app == 'db'
  doNotTrack: true
  applyOnForward: true
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: protect-db }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  *check(context) {
    for (const linted of context.policies) {
      const { doNotTrack, preDNAT } = linted.admitted.spec
      if (!isCalicoForm(linted) || (!doNotTrack && !preDNAT)) continue
      const field = doNotTrack ? 'doNotTrack' : 'preDNAT'
      if (!selectsSomePod(context, linted.admitted.spec.selector ?? '')) continue
      yield {
        object: linted.object,
        path: ['spec', field],
        message: `${field} acts on host endpoints only, and pods match`,
      }
    }
  },
}

function selectsSomePod({ endpoints }: LintContext, text: string): boolean {
  const parsed = parseSelector(text)
  if (!parsed.ok) return false
  const selects = compileSelector(parsed.selector)
  return endpoints.some(({ kind, labelClass }) => kind === 'pod' && selects(labelClass.labels))
}
