import { parseCidr } from '../../../cidr.ts'
import { compileSelector } from '../../selector.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { isInNets } from '../peers.ts'
import { overlaps } from '../rule-nets.ts'
import { type RuleSite, ruleSites } from '../rule-site.ts'

export const exceptReallowed: LintRule = {
  id: 'except-without-effect',
  severity: 'warning',
  title: 'An exception that another item allows again',
  why: `\`except\` takes addresses out of its own item only. Items and rules add up: where another one matches the same address,
it stays allowed, and the exception only looks like a denial. Kubernetes policies cannot deny.`,
  fix: 'narrow the other item, or deny the addresses in a Calico policy or a ClusterNetworkPolicy',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - ipBlock: { cidr: 203.0.113.0/24, except: [203.0.113.128/25] }
        - ipBlock: { cidr: 203.0.113.192/26 }
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - ipBlock: { cidr: 203.0.113.0/24, except: [203.0.113.128/25] }
        - ipBlock: { cidr: 198.51.100.0/24 }
      ports: [{ protocol: TCP, port: 8080 }]`,
  *check(context) {
    const sites = [...ruleSites(context, { staged: false })].filter(({ rule }) => rule.action === 'allow')
    const seen = new Set<string>()
    for (const site of sites) {
      const { linted, rule, far, peerPath, policy } = site
      for (const except of rule.draft[far].notNets ?? []) {
        const key = `${policy.id} ${peerPath.join('.')} ${except}`
        const other = sites.find(
          (candidate) => candidate.rule !== rule && allowsAgain(context, site, candidate, except),
        )
        if (!other || seen.has(key)) continue
        seen.add(key)
        const where = other.policy === policy ? other.peerPath.slice(1).join('.') : other.policy.ref.name
        yield {
          object: linted.object,
          path: peerPath,
          message: `${except} is taken out here, and ${where} allows it (or part of it) again`,
        }
      }
    }
  },
}

/** Whether another rule for some of the same pods and ports matches addresses that were taken out. */
function allowsAgain(context: LintContext, site: RuleSite, other: RuleSite, except: string): boolean {
  if (other.direction !== site.direction || other.policy.ref.tier !== site.policy.ref.tier) return false
  if (!sharesSubject(context, site, other) || !sharesPorts(site, other)) return false
  const block = parseCidr(except)!
  const { selector } = other.rule.draft[other.far]
  const peer = other.rule[other.far]
  if (peer.nets.length > 0)
    return (
      !selector &&
      peer.nets.some(
        (net) =>
          overlaps(net, block) &&
          !peer.notNets.some((taken) => taken.prefix <= block.prefix && overlaps(taken, block)),
      )
    )
  if (!selector) return peer.notNets.length === 0 && peer.notGroups.length === 0
  // Wide exceptions (all private ranges) are meant to be opened again for the pods that labels name.
  if (block.prefix < (block.version === 4 ? 24 : 64)) return false
  const selects = compileSelector(selector)
  return context.endpoints.some((one) => selects(one.labelClass.labels) && isInNets(one, [block]))
}

function sharesSubject({ model }: LintContext, a: RuleSite, b: RuleSite): boolean {
  return model.catalog.classes.some(
    ({ labels, endpoints }) => endpoints.length > 0 && a.policy.selects(labels) && b.policy.selects(labels),
  )
}

function sharesPorts({ rule: a }: RuleSite, { rule: b }: RuleSite): boolean {
  if (a.protocol !== undefined && b.protocol !== undefined && a.protocol !== b.protocol) return false
  const [mine, theirs] = [a.destination.ports, b.destination.ports]
  if (mine.length === 0 || theirs.length === 0) return true
  return mine.some((x) => theirs.some((y) => x.first <= y.last && y.first <= x.last))
}
