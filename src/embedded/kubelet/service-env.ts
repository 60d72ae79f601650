import type { KubernetesObject } from '../../kubernetes-object.ts'

/** The variables that tell a container of the Services of its namespace, and of the API server. */
export function serviceEnv(pod: KubernetesObject, services: KubernetesObject[]): Record<string, string> {
  const isVisible = ({ metadata }: KubernetesObject) =>
    metadata.namespace === pod.metadata.namespace
      ? pod.spec.enableServiceLinks !== false
      : metadata.namespace === 'default' && metadata.name === 'kubernetes'
  const env: Record<string, string> = {}
  for (const service of services.filter(isVisible)) {
    const { clusterIP, ports = [] } = service.spec
    if (!clusterIP || clusterIP === 'None' || ports.length === 0) continue
    const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_')
    env[`${prefix}_SERVICE_HOST`] = clusterIP
    env[`${prefix}_SERVICE_PORT`] = String(ports[0].port)
    for (const { name, port } of ports) {
      if (name) env[`${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll('-', '_')}`] = String(port)
    }
    Object.assign(env, linkEnv(prefix, clusterIP, ports))
  }
  return env
}

/** As Docker's links named them; the first port is the Service's own. */
function linkEnv(
  prefix: string,
  address: string,
  ports: { port: number; protocol?: string }[],
): Record<string, string> {
  const host = address.includes(':') ? `[${address}]` : address
  const env: Record<string, string> = {}
  for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`
    if (index === 0) env[`${prefix}_PORT`] = url
    const name = `${prefix}_PORT_${port}_${protocol}`
    env[name] = url
    env[`${name}_PROTO`] = protocol.toLowerCase()
    env[`${name}_PORT`] = String(port)
    env[`${name}_ADDR`] = address
  }
  return env
}
