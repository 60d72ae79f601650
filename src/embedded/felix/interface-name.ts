import { hostInterface } from '../network/index.ts'

/** The host side of a pod's veth; `endpoint` is `namespace/pod`. */
export function interfaceName(endpoint: string): string {
  const [namespace, pod] = endpoint.split('/')
  return hostInterface(namespace!, pod!)
}
