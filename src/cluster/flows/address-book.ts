import type { KubeClient } from '../../kube/index.ts'

/** What addresses stand for. */
export interface AddressBook {
  /** `namespace/pod`, `node/NAME`, or the address itself. */
  nameOf(address: string): string
  /** `namespace/name` of the Service of that ClusterIP, or null. */
  serviceOf(address: string): string | null
}

export async function readAddressBook(kube: KubeClient): Promise<AddressBook> {
  const [pods, nodes, services] = await Promise.all(
    ['Pod', 'Node', 'Service'].map((kind) => kube.list('v1', kind)),
  )
  const names = new Map<string, string>()
  for (const { metadata, spec, status } of pods!) {
    if (!status?.podIP || spec?.hostNetwork || status.phase !== 'Running') continue
    for (const { ip } of status.podIPs ?? [{ ip: status.podIP }]) {
      names.set(ip, `${metadata.namespace}/${metadata.name}`)
    }
  }
  for (const { metadata, status } of nodes!) {
    for (const { address } of status?.addresses ?? []) names.set(address, `node/${metadata.name}`)
  }
  const clusterIps = new Map(
    services!.flatMap(({ metadata, spec }) =>
      ((spec?.clusterIPs ?? [spec?.clusterIP]) as string[]).map(
        (address) => [address, `${metadata.namespace}/${metadata.name}`] as const,
      ),
    ),
  )
  return {
    nameOf: (address) => names.get(address) ?? address,
    serviceOf: (address) => clusterIps.get(address) ?? null,
  }
}
