import { jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'

// biome-ignore lint/suspicious/noExplicitAny: a Service's spec that was checked against its schema
type Spec = any

/**
 * What a Service has because of its type goes with the type, unless the same change has something else in its place (the
 * Service registry's dropTypeDependentFields): so that `type` alone can be patched.
 */
export function dropOfFormerType({ object: { spec }, old, subresource }: AdmissionRequest): void {
  // That there is no spec at all is said by the schema.
  if (!old || !spec || subresource) return
  const was: Spec = old.spec
  const lost = Object.entries(fieldsOf(was)).filter(([field]) => !(field in fieldsOf(spec)))
  for (const [field, value] of lost) if (jsonEqual(spec[field], value)) delete spec[field]
  if (hasNodePorts(was) && !hasNodePorts(spec) && jsonEqual(nodePortsOf(spec), nodePortsOf(was)))
    for (const port of spec.ports ?? []) delete port.nodePort
}

/** The fields that only some types have, as far as this one does. */
function fieldsOf(spec: Spec): Record<string, unknown> {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, internalTrafficPolicy } = spec
  const { externalTrafficPolicy, healthCheckNodePort, allocateLoadBalancerNodePorts } = spec
  return {
    ...(spec.type === 'ExternalName'
      ? {}
      : { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, internalTrafficPolicy }),
    ...(hasNodePorts(spec) ? { externalTrafficPolicy } : {}),
    ...(spec.type === 'LoadBalancer' && externalTrafficPolicy === 'Local' ? { healthCheckNodePort } : {}),
    ...(spec.type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts } : {}),
  }
}

function hasNodePorts({ type }: Spec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

function nodePortsOf({ ports = [] }: Spec): unknown[] {
  return ports.map(({ nodePort }: { nodePort?: number }) => nodePort)
}
