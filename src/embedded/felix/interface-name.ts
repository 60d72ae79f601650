import { createHash } from 'node:crypto'

/** Calico's name for the host side of a pod's veth; `endpoint` is `namespace/pod`. */
export function interfaceName(endpoint: string): string {
  const hash = createHash('sha1').update(endpoint.replace('/', '.')).digest('hex')
  return `cali${hash.slice(0, 11)}`
}
