import { cidrContains, parseAddress } from '../../../cidr.ts'
import { verdictOn } from '../ask.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { representatives } from '../representatives.ts'
import { netSites } from '../rule-nets.ts'
import { listText } from '../words.ts'

const metadataAddress = '169.254.169.254'

export const metadataServiceRule: LintRule = {
  id: 'metadata-service',
  severity: 'warning',
  title: "A rule that opens the cloud's metadata service",
  why: `At 169.254.169.254 clouds hand out the node's credentials to whoever asks. A rule for \`0.0.0.0/0\` includes it, and a
pod that is taken over then has the rights of its node.`,
  fix: 'take it out: except: [169.254.169.254/32] (notNets in Calico), or deny it in an earlier tier',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web-to-internet, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
    - to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16] } }]
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web-to-internet, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16]
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  *check(context) {
    const opened = new Map<string, { path: (string | number)[]; object: object; pods: string[] }>()
    for (const pod of representatives(context)) {
      const flow = {
        source: pod.id,
        destination: metadataAddress,
        protocol: 'TCP' as const,
        port: 80,
        ipVersion: 4 as const,
      }
      const egress = verdictOn(context.model, flow)?.egress
      if (egress?.verdict !== 'allowed') continue
      const { decidedBy } = egress
      const linted = context.linted(decidedBy)
      if (!linted) continue
      // Nothing but a rule allows anything.
      const rule = decidedBy.rule!
      const key = `${decidedBy.kind} ${decidedBy.namespace}/${decidedBy.name} ${rule}`
      const entry = opened.get(key) ?? { path: ['spec', 'egress', rule], object: linted.object, pods: [] }
      entry.pods.push(pod.id)
      opened.set(key, entry)
    }
    const address = parseAddress(metadataAddress)!
    for (const { object, path, pods } of opened.values()) {
      const net = [...netSites(context)].find(
        (site) =>
          site.object === object &&
          site.path[2] === path[2] &&
          site.direction === 'egress' &&
          cidrContains(site.cidr, address),
      )
      yield {
        object: object as (typeof context.objects)[number],
        path: net?.path ?? path,
        message: `lets ${listText(pods)} reach ${metadataAddress}`,
      }
    }
  },
}
