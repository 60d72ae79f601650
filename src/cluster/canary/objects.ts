import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { CanaryPlace } from './choices.ts'
import { canaryKinds, laterPorts, setRules } from './kinds.ts'

/** Namespaces of canaries are called so, or begin with it. */
export const canaryNamespace = 'ztlab-canary'

export const agnhostImage = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

export function canaryNamespaceObject({ namespace }: CanaryPlace): KubernetesObject {
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }
}

/** A listener and a client on each node. */
export function canaryPods(place: CanaryPlace, nodes: string[]): KubernetesObject[] {
  return ['listener', 'client'].flatMap((role) =>
    nodes.map((node, index) => pod(place, `${role}-${index}`, { node, role })),
  )
}

export function canaryService({ namespace }: CanaryPlace, suffix: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `canary-${suffix}`, namespace },
    spec: { selector: { role: 'listener' }, ports: [{ port: servicePort, targetPort: listenerPort }] },
  }
}

/**
 * The policy in one of its two states. With Calico it stands in a tier before all others, so that nobody's policy
 * decides in its place; otherwise it is a NetworkPolicy that is there or not.
 */
export function canaryPolicies(
  place: CanaryPlace,
  { denies, calico }: { denies: boolean; calico: boolean },
): { apply: KubernetesObject[]; remove: KubernetesObject[] } {
  if (calico) return { apply: calicoPolicies(place, denies ? 'Deny' : 'Allow'), remove: [] }
  const policy = networkPolicy(place)
  return denies ? { apply: [policy], remove: [] } : { apply: [], remove: [policy] }
}

/**
 * Until a node knows the Service its packets leave the cluster, where a proxy may answer for any address, on the ports
 * of well-known protocols.
 */
export const servicePort = 53412

/** Above 1024, so that a listener needs no right that a restricted namespace would refuse. */
export const listenerPort = 8080

/**
 * `sh -c SCRIPT canary SECONDS VERDICT ADDRESS…`: tries each address until it shows its verdict (allow, deny or arrive),
 * as long as that; prints those that did not. To arrive is to be answered or refused: the name resolves and leads
 * somewhere. Silence that comes late may be a process that got no turn on a busy node: only the third is taken for one.
 */
export const canaryScript = `
end=$(( $(date +%s) + $1 )); shift
now() { IFS='. ' read -r whole part rest </proc/uptime; now=$whole$part; }
while [ $# -gt 0 ]; do want=$1 target=$2; shift 2; (
  late=0
  while :; do
    now; began=$now
    if said=$(/agnhost connect "$target" --timeout=300ms 2>&1); then got=allow; else got=deny; fi
    case $want/$got/$said in
      allow/allow/* | arrive/allow/* | arrive/*REFUSED*) exit 0 ;;
      deny/deny/*) now; [ $((now - began)) -gt 60 ] && late=$((late + 1)) && [ $late -lt 3 ] || exit 0 ;;
    esac
    [ "$(date +%s)" -ge "$end" ] && exit 1
    sleep 0.05
  done ) & jobs="$jobs $!=$target"; done
for job in $jobs; do wait "\${job%%=*}" || echo "\${job#*=}"; done`

/** The client may send anywhere: a matrix asks it whether a destination without a shell is there at all. */
const controlMark = { 'ztlab.dev/control': 'true' }

/** With no right that it does not need: what a cluster's own admission demands of pods, it should have. */
function pod(
  { namespace, image = agnhostImage }: CanaryPlace,
  name: string,
  { node, role }: { node: string; role: string },
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { role, ...(role === 'client' && controlMark) } },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      // A query that is lost, because a node does not know the DNS yet, is otherwise waited for 5 s.
      dnsConfig: { options: [{ name: 'timeout', value: '1' }] },
      tolerations: [{ operator: 'Exists' }],
      securityContext: { runAsNonRoot: true, runAsUser: 65534 },
      containers: [
        {
          name: 'agnhost',
          image,
          ...(role === 'listener'
            ? {
                args: ['porter'],
                env: listenerPorts().map((port) => ({ name: `SERVE_PORT_${port}`, value: 'canary' })),
              }
            : { args: ['netexec', `--http-port=${listenerPort}`, '--udp-port=-1'] }),
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
}

function listenerPorts(): number[] {
  return [listenerPort, ...canaryKinds.flatMap(({ ports }) => ports)]
}

function networkPolicy({ namespace }: CanaryPlace): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'canary', namespace },
    spec: { podSelector: { matchLabels: { role: 'listener' } }, policyTypes: ['Ingress'], ingress: [] },
  }
}

function calicoPolicies({ namespace }: CanaryPlace, listenerAction: 'Allow' | 'Deny'): KubernetesObject[] {
  const tier = namespace
  const policy = (name: string, selector: string, spec: object): KubernetesObject => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: `${tier}.${name}`, namespace },
    spec: { tier, selector, ...spec },
  })
  const ingress = [
    { action: listenerAction, protocol: 'TCP', destination: { ports: [listenerPort] } },
    ...setRules(),
  ]
  const rest = [{ action: 'Pass', protocol: 'TCP', destination: { ports: laterPorts } }, { action: 'Allow' }]
  return [
    { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: tier }, spec: { order: 1 } },
    policy('client', "role == 'client'", { order: 1, types: ['Egress'], egress: [{ action: 'Allow' }] }),
    policy('listener', "role == 'listener'", { order: 1, types: ['Ingress'], ingress }),
    policy('rest', "role == 'listener'", { order: 3, types: ['Ingress'], ingress: rest }),
  ]
}
