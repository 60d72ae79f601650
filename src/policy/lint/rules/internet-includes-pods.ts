import { formatCidr } from '../../../cidr.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { isTakenOut, netSites } from '../rule-nets.ts'

export const internetIncludesPods: LintRule = {
  id: 'internet-includes-pods',
  severity: 'warning',
  title: '0.0.0.0/0 as "the Internet" includes every pod',
  why: `\`0.0.0.0/0\` is every address there is: the Internet, the nodes, and every pod of every namespace. Written to let an
application reach the outside, it opens the inside as well; in a Deny rule it cuts DNS and every neighbour.`,
  fix: 'take the private ranges out: except (notNets in Calico) with the pod network, the nodes and 169.254.0.0/16',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api-to-internet, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Egress]
  egress:
    - to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [169.254.0.0/16] } }]
      ports: [{ protocol: TCP, port: 443 }]
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api-to-internet, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16]
      ports: [{ protocol: TCP, port: 443 }]
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  *check(context) {
    for (const { object, path, text, cidr, except, action } of netSites(context)) {
      const networks = context.cluster.podNetworks.filter(({ version }) => version === cidr.version)
      const left = networks.find((network) => !isTakenOut(network, except))
      if (action === 'Deny' || cidr.prefix !== 0 || !left) continue
      yield { object, path, message: `${text} includes the pod network ${formatCidr(left)}` }
    }
  },
}
