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
  }
  return env
}
