import { someNode } from '../../selector.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { endpointsOf, ownTerms } from '../peers.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'
import { listText } from '../words.ts'

export const negationMatchesUnlabelled: LintRule = {
  id: 'negation-matches-unlabelled',
  severity: 'warning',
  title: 'A negation that lets in what has no such label',
  why: `\`!=\`, \`not in\` and Kubernetes' NotIn are true where the label is **missing**. A rule that allows "all but production"
allows every pod that somebody forgot to label.`,
  fix: "ask for the label as well: has(env) && env != 'prod' (Exists beside NotIn)",
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { namespaceSelector: all(), selector: tier != 'back' }
      destination: { ports: [8080] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { namespaceSelector: all(), selector: has(tier) && tier != 'back' }
      destination: { ports: [8080] }`,
  *check(context) {
    for (const { linted, rule, far, peerPath } of oncePerPath(ruleSites(context))) {
      const { selector } = rule.draft[far]
      if (!selector || rule.action !== 'allow') continue
      for (const term of ownTerms(selector)) {
        const isNegative = term.op === '!=' || (term.op === 'not in' && term.values.length > 0)
        if (!isNegative || term.label.startsWith('pcns.projectcalico.org/') || isNameLabel(term.label))
          continue
        const asked = someNode(selector, (node) => node.op === 'has' && node.label === term.label)
        const without = endpointsOf(context, selector).filter(
          ({ labelClass }) => !labelClass.labels.has(term.label),
        )
        if (asked || without.length === 0) continue
        const label = term.label.replace(/^pc(ns|sa)\./, '')
        yield {
          object: linted.object,
          path: peerPath,
          message: sentence(
            without.map(({ id }) => id),
            label,
          ),
        }
      }
    }
  },
}

/** Every namespace has it. */
function isNameLabel(label: string): boolean {
  return label === 'pcns.kubernetes.io/metadata.name'
}

function sentence(names: string[], label: string): string {
  const [have, match] = names.length > 1 ? ['have', 'match'] : ['has', 'matches']
  return `${listText(names)} ${have} no label ${label}, and ${match}`
}
