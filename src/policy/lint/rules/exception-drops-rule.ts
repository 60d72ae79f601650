import type { IpVersion } from '../../../cidr.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const lostFamily: LintRule = {
  id: 'exception-drops-rule',
  severity: 'error',
  title: 'An exception of the other address family takes the whole rule away',
  why: `Calico programs a rule once per address family, each with the blocks of that family. If \`notNets\` holds IPv6 blocks
only, nothing is left of it for IPv4, and Calico leaves the **whole rule** out there: not "everything but", but nothing.`,
  fix: 'write a rule of its own for each family, each with notNets of that family',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: public-web, namespace: shop }
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { notNets: ["fd00::/8"] }
      destination: { ports: [8080] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: public-web, namespace: shop }
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { notNets: [203.0.113.0/24] }
      destination: { ports: [8080] }`,
  *check(context) {
    for (const { linted, policy, rule, peerPath, direction } of oncePerPath(ruleSites(context))) {
      const written = linted.admitted.spec[direction][rule.index]
      if (!policy.ref.apiVersion.startsWith('projectcalico.org/') || written.ipVersion !== undefined) continue
      const lost = familiesOf(context, policy.selects).filter((version) => !rule.versions.includes(version))
      const hasExceptions = [...rule.source.notNets, ...rule.destination.notNets].length > 0
      const hasNets = [...rule.source.nets, ...rule.destination.nets].length > 0
      if (!hasExceptions || (hasNets && rule.versions.length > 0) || lost.length === 0) continue
      const families = lost.map((version) => `IPv${version}`).join(' and ')
      yield { object: linted.object, path: peerPath, message: `notNets leaves no rule for ${families}` }
    }
  },
}

function familiesOf(
  { model }: LintContext,
  selects: (labels: ReadonlyMap<string, string>) => boolean,
): IpVersion[] {
  const addresses = model.catalog.endpoints
    .filter(({ labelClass }) => selects(labelClass.labels))
    .flatMap((endpoint) => endpoint.addresses)
  return [...new Set(addresses.map(({ version }) => version))]
}
