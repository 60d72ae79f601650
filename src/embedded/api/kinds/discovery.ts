import type { Kind } from '../kind.ts'

export const endpointSlice: Kind = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
  countsGenerations: true,
  schema: {
    addressType: 'string',
    endpoints: { list: 'any' },
    ports: { list: 'any' },
  },
  columns: [
    { name: 'AddressType', value: ({ addressType }) => addressType },
    {
      name: 'Ports',
      // biome-ignore lint/suspicious/noExplicitAny: a slice's ports
      value: ({ ports }) => (ports ?? []).map((port: any) => port.port).join(',') || '<unset>',
    },
    {
      name: 'Endpoints',
      value: ({ endpoints }) =>
        (endpoints ?? []).flatMap((each: { addresses: string[] }) => each.addresses).join(',') || '<unset>',
    },
  ],
}
