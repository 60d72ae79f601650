import type { KubeClient } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

/** What carries and filters a cluster's packets, by what runs in it. */
export interface ClusterNetwork {
  /** `Calico v3.32.1`, `kindnet`, or why it cannot be told. */
  name: string
  /** Whether NetworkPolicies bite there by all that is known of it; null: only a canary can tell. */
  enforces: boolean | null
}

/** Looks for the network's DaemonSets. */
export async function detectNetwork(kube: KubeClient): Promise<ClusterNetwork> {
  return networkOf(await kube.list('apps/v1', 'DaemonSet'))
}

/** Pure. */
export function networkOf(daemonSets: KubernetesObject[]): ClusterNetwork {
  const containers = daemonSets.flatMap(({ spec }) => (spec?.template?.spec?.containers ?? []) as Container[])
  for (const { name, image, enforces } of known) {
    const container = containers.find((one) => image.test(one.image))
    if (!container) continue
    const enforced = typeof enforces === 'function' ? enforces(containers) : enforces
    const version = container.image.match(/:(v?\d[\w.-]*)(?:@sha256:\w+)?$/)?.[1]
    return { name: version ? `${name} ${version}` : name, enforces: enforced }
  }
  return { name: 'no network that is known here', enforces: null }
}

interface Container {
  name: string
  image: string
  args?: string[]
}

interface KnownNetwork {
  name: string
  image: RegExp
  enforces: boolean | null | ((containers: Container[]) => boolean)
}

/** What brings policies stands before what only carries packets: clusters run both together. */
const known: KnownNetwork[] = [
  // Its node program has an image of its own, or one that holds all of Calico.
  { name: 'Calico', image: /calico\/(node|calico)[:@]|(mirrored|hardened)-calico/, enforces: true },
  { name: 'GKE Dataplane V2', image: /gke\.gcr\.io\/(.*\/)?cilium/, enforces: true },
  { name: 'Cilium', image: /cilium\/cilium[:@]/, enforces: true },
  { name: 'Antrea', image: /antrea\/antrea-(agent|ubuntu|ubi)/, enforces: true },
  { name: 'Weave Net', image: /weave-kube/, enforces: true },
  { name: 'kube-router', image: /kube-router/, enforces: true },
  { name: 'Azure Network Policy Manager', image: /azure-npm/, enforces: true },
  // Its agent runs on every node whether it is switched on or not.
  { name: 'AWS VPC CNI', image: /amazon-k8s-cni[:@]/, enforces: awsPolicies },
  // Enforces since kind 0.24; older ones do not.
  { name: 'kindnet', image: /kindnetd/, enforces: null },
  { name: 'Flannel', image: /flannel/, enforces: false },
]

function awsPolicies(containers: Container[]): boolean {
  return containers.some(
    ({ image, args = [] }) =>
      /network-policy-agent/.test(image) && args.includes('--enable-network-policy=true'),
  )
}
