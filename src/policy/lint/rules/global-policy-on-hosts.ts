import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const globalPolicyHosts: LintRule = {
  id: 'global-policy-on-hosts',
  severity: 'warning',
  title: 'A global policy that takes in host endpoints',
  why: `A GlobalNetworkPolicy selects pods **and** host endpoints. \`all()\`, \`!has(…)\` and \`!=\` are true of a host endpoint,
too, which has few labels: as soon as one exists (Calico can make one per node), its node loses all but the failsafe
ports.`,
  fix: 'add a namespaceSelector (has(projectcalico.org/name) is every pod), which only pods fulfil',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: default-deny }
spec:
  selector: projectcalico.org/namespace not in { 'kube-system', 'calico-system' }
  types: [Ingress]`,
  good: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: default-deny }
spec:
  namespaceSelector: has(projectcalico.org/name) && projectcalico.org/name not in { 'kube-system', 'calico-system' }
  types: [Ingress]`,
  *check(context) {
    const bare = new Map<string, string>()
    const given = context.endpoints.filter(({ kind }) => kind === 'host-endpoint')
    for (const { object, policy } of context.policies) {
      if (policy?.ref.kind !== 'GlobalNetworkPolicy') continue
      const host = given.find(({ labelClass }) => policy.selects(labelClass.labels))
      const named = host ? `HostEndpoint ${host.id}` : 'any HostEndpoint without labels'
      const meant = object.spec?.applyOnForward || onlyHosts(policy.subjectText)
      if ((!host && !policy.selects(bare)) || meant) continue
      yield { object, path: ['spec'], message: `selects ${named} as well as pods` }
    }
  },
}

/** A selector that no pod can fulfil is about hosts on purpose. */
function onlyHosts(text: string): boolean {
  return (
    text.includes('!has(projectcalico.org/namespace)') ||
    text.includes('!has(projectcalico.org/orchestrator)')
  )
}
