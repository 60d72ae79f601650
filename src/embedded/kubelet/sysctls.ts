import type { KubernetesObject } from '../../kubernetes-object.ts'

/** Those that a kubelet sets without being told to allow them (Kubernetes: safe and unsafe sysctls). */
const safe = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
])

/** Why the kubelet refuses a pod for its sysctls; null where it does not. */
export function forbiddenSysctl(pod: KubernetesObject): { reason: string; message: string } | null {
  const names = sysctlsOf(pod).map(({ name }) => name)
  const unsafe = names.find((name) => !safe.has(name))
  if (unsafe !== undefined)
    return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${unsafe}" not allowlisted` }
  const [first] = pod.spec.hostNetwork ? names.filter((name) => name.startsWith('net.')) : []
  if (first === undefined) return null
  const message = `forbidden sysctl: "${first}" not allowed with host net enabled`
  return { reason: 'SysctlForbidden', message }
}

/** Settings of a pod's sandbox: any user may open any port and ping, as containerd has it; then the pod's own. */
export function podSysctls(
  pod: KubernetesObject,
  { mapsUserRange }: { mapsUserRange: boolean },
): Record<string, string> {
  const own = Object.fromEntries(sysctlsOf(pod).map(({ name, value }) => [name, value]))
  if (pod.spec.hostNetwork) return own
  // A group that is not mapped cannot be named.
  const ping: Record<string, string> = mapsUserRange ? { 'net.ipv4.ping_group_range': '0 65535' } : {}
  return { 'net.ipv4.ip_unprivileged_port_start': '0', ...ping, ...own }
}

function sysctlsOf({ spec }: KubernetesObject): { name: string; value: string }[] {
  return spec.securityContext?.sysctls ?? []
}
