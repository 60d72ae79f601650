import type { IpVersion } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

/** Where nodes keep the zone file; the DNS pod sees it as a hostPath volume. */
export const zoneDirectory = '/run/coredns'

/** Of the Service `kube-dns`, in the first of the cluster's families: the tenth of its range, as kubeadm has it. */
export function dnsAddress([family]: IpVersion[]): string {
  return family === 6 ? 'fd00:10:96::a' : '10.96.0.10'
}

const labels = { 'k8s-app': 'kube-dns' }

/** Unlike a real CoreDNS, this pod has a shell and a prober: a matrix may ask it whether it listens. */
const proberMark = { 'ztlab.dev/prober': 'true' }

/** The cluster's DNS as a cluster's installer creates it: Deployment `coredns` behind Service `kube-dns`. */
export function dnsObjects(families: IpVersion[]): {
  service: KubernetesObject
  deployment: KubernetesObject
} {
  return {
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kube-dns',
        namespace: 'kube-system',
        labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      },
      spec: {
        clusterIP: dnsAddress(families),
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        ],
      },
    },
    deployment: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'coredns', namespace: 'kube-system', labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels: { ...labels, ...proberMark } }, spec: podSpec() },
      },
    },
  }
}

function podSpec(): object {
  return {
    terminationGracePeriodSeconds: 0,
    // As on real clusters: the server that answers for the cluster cannot ask it.
    dnsPolicy: 'Default',
    containers: [
      {
        name: 'coredns',
        image: 'registry.k8s.io/coredns/coredns:v1.12.1',
        args: ['--zone=/etc/coredns/zone', '--port=53'],
        ports: [
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        ],
        readinessProbe: { tcpSocket: { port: 53 } },
        volumeMounts: [{ name: 'zone', mountPath: '/etc/coredns', readOnly: true }],
      },
    ],
    volumes: [{ name: 'zone', hostPath: { path: zoneDirectory, type: 'Directory' } }],
  }
}
