import type { KubernetesObject } from '../kubernetes-object.ts'

export const canaryNamespace = 'ztlab-canary'

const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

/** A listener and a client on each node. */
export function canaryPods(nodes: string[]): KubernetesObject[] {
  return ['listener', 'client'].flatMap((role) =>
    nodes.map((node, index) => pod(`${role}-${index}`, { node, role })),
  )
}

export function canaryService(suffix: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `canary-${suffix}`, namespace: canaryNamespace },
    spec: { selector: { role: 'listener' }, ports: [{ port: 80 }] },
  }
}

/**
 * The policy in one of its two states. With Calico it stands in a tier before all others, so that nobody's policy
 * decides in its place; otherwise it is a NetworkPolicy that is there or not.
 */
export function canaryPolicies({ denies, calico }: { denies: boolean; calico: boolean }): {
  apply: KubernetesObject[]
  remove: KubernetesObject[]
} {
  if (calico) return { apply: calicoPolicies(denies ? 'Deny' : 'Allow'), remove: [] }
  return denies ? { apply: [networkPolicy], remove: [] } : { apply: [], remove: [networkPolicy] }
}

/**
 * `sh -c SCRIPT canary allow|deny SECONDS ADDRESS…`: tries each address until it shows that verdict, as long as that;
 * prints those that did not.
 */
export const canaryScript = `
want=$1; end=$(( $(date +%s) + $2 )); shift 2
for target in "$@"; do (
  while :; do
    if /agnhost connect "$target" --timeout=300ms >/dev/null 2>&1; then got=allow; else got=deny; fi
    [ "$got" = "$want" ] && exit 0
    [ "$(date +%s)" -ge "$end" ] && exit 1
    sleep 0.05
  done ) & jobs="$jobs $!=$target"; done
for job in $jobs; do wait "\${job%%=*}" || echo "\${job#*=}"; done`

/** The client may send anywhere: a matrix asks it whether a destination without a shell is there at all. */
const controlMark = { 'ztlab.dev/control': 'true' }

function pod(name: string, { node, role }: { node: string; role: string }): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: canaryNamespace, labels: { role, ...(role === 'client' && controlMark) } },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'agnhost', image, args: ['netexec', '--http-port=80', '--udp-port=-1'] }],
    },
  }
}

const networkPolicy: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'canary', namespace: canaryNamespace },
  spec: { podSelector: { matchLabels: { role: 'listener' } }, policyTypes: ['Ingress'], ingress: [] },
}

function calicoPolicies(listenerAction: 'Allow' | 'Deny'): KubernetesObject[] {
  const tier = 'ztlab-canary'
  const policy = (name: string, selector: string, spec: object): KubernetesObject => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: `${tier}.${name}`, namespace: canaryNamespace },
    spec: { tier, order: 1, selector, ...spec },
  })
  return [
    { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: tier }, spec: { order: 1 } },
    policy('client', "role == 'client'", { types: ['Egress'], egress: [{ action: 'Allow' }] }),
    policy('listener', "role == 'listener'", { types: ['Ingress'], ingress: [{ action: listenerAction }] }),
  ]
}
