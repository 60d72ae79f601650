import { unmetCriteria } from '../../evaluate/index.ts'
import { protocolNumbers } from '../../protocol.ts'
import { podQuestion } from '../ask.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { selectsAnything } from '../peers.ts'
import { oncePerPath, type RuleSite, ruleSites } from '../rule-site.ts'

export const dnsToNobody: LintRule = {
  id: 'dns-to-nobody',
  severity: 'warning',
  title: 'A rule for DNS that reaches no DNS pod',
  why: `A rule for port 53 is meant to let names resolve. It does so only if its destination matches the pods that answer:
not the DNS Service's address, which policies never see, not the nodes, and not pods of another label.`,
  fix: 'name the DNS pods: namespace kube-system and k8s-app: kube-dns, in one peer',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - action: Allow
      protocol: UDP
      destination: { selector: all(), ports: [53] }
    - action: Allow
      protocol: TCP
      destination: { selector: all(), ports: [53] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - action: Allow
      protocol: UDP
      destination:
        namespaceSelector: projectcalico.org/name == 'kube-system'
        selector: k8s-app == 'kube-dns'
        ports: [53]
    - action: Allow
      protocol: TCP
      destination:
        namespaceSelector: projectcalico.org/name == 'kube-system'
        selector: k8s-app == 'kube-dns'
        ports: [53]`,
  alsoFinds: ['dns-blocked'],
  *check(context) {
    for (const site of oncePerPath([...ruleSites(context)].filter(isForDns))) {
      const others = [...ruleSites(context)].filter(
        ({ policy, direction, rule }) =>
          policy === site.policy && direction === 'egress' && rule.index === site.rule.index,
      )
      if (others.some((one) => reachesDns(context, one) || isToldElsewhere(context, one))) continue
      yield {
        object: site.linted.object,
        path: site.path,
        message: 'the rule for port 53 matches no DNS pod',
      }
    }
  },
}

function isForDns({ direction, rule }: RuleSite): boolean {
  const { ports } = rule.destination
  const isDns = ports.length > 0 && ports.every(({ first, last }) => first === 53 && last === 53)
  return direction === 'egress' && rule.action === 'allow' && isDns
}

/** A selector that finds nobody at all is a finding of its own. */
function isToldElsewhere(context: LintContext, { rule }: RuleSite): boolean {
  const { selector } = rule.draft.destination
  return selector !== undefined && !selectsAnything(context, selector)
}

/** Whether the rule itself matches a question to a DNS pod, whatever others decide before it. */
function reachesDns({ model, dnsPods }: LintContext, { policy, rule }: RuleSite): boolean {
  const protocol = rule.protocol ?? protocolNumbers.UDP
  const asking = model.catalog.endpoints.find(
    (one) => one.kind === 'pod' && policy.selects(one.labelClass.labels),
  )
  if (!asking) return true
  return dnsPods.some(({ id }) => {
    if (id === asking.id) return true
    const question = podQuestion(model, { source: asking.id, destination: id, protocol, port: 53 }, 'egress')
    return question && unmetCriteria(rule, question.packet, question.ends).length === 0
  })
}
