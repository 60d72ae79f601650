import { isIP } from 'node:net'
import {
  type Address,
  cidrContains,
  formatAddress,
  type IpVersion,
  parseAddress,
  parseCidr,
} from '../../../cidr.ts'
import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { serviceNetworks } from '../../network/index.ts'
import type { AdmissionRequest } from '../kind.ts'
import type { FamilyFields } from './service-families.ts'

/** The low addresses of a range are given only to those who ask for them. */
const reserved = 256n

/** Gives a Service an address in each of its families that it has none in; what it asks for must be free. */
export function allocateAddresses({ object, old, list, causes }: AdmissionRequest): void {
  const spec = object.spec as FamilyFields
  if (spec.clusterIP === 'None') return
  const others = list('api/v1/services').filter(({ metadata }) => metadata.uid !== object.metadata.uid)
  const taken = new Set(others.flatMap(addressesOf))
  const own = new Set(old ? addressesOf(old) : [])
  const asked = spec.clusterIPs ?? []
  spec.clusterIPs = spec.ipFamilies!.map((family, index) => {
    const version = family === 'IPv4' ? 4 : 6
    const address = asked[index] ?? firstFree(version, taken)
    if (asked[index] && !own.has(address)) {
      const why = refusal(address, version, taken)
      const message = `Invalid value: ${JSON.stringify(asked)}: failed to allocate IP ${address}: ${why}`
      if (why) causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.clusterIPs' })
    }
    return address
  })
  spec.clusterIP = spec.clusterIPs[0]
}

function addressesOf({ spec }: KubernetesObject): string[] {
  return ((spec as FamilyFields).clusterIPs ?? []).filter((address) => isIP(address) !== 0)
}

function refusal(text: string, version: IpVersion, taken: Set<string>): string | null {
  if (taken.has(text)) return 'provided IP is already allocated'
  const address = parseAddress(text)
  if (address && cidrContains(parseCidr(serviceNetworks[version])!, address)) return null
  return `the provided IP (${text}) is not in the valid range. The range of valid IPs is ${serviceNetworks[version]}`
}

function firstFree(version: IpVersion, taken: Set<string>): string {
  const { first, last } = parseCidr(serviceNetworks[version])!
  for (let value = first + reserved; value < last; value += 1n) {
    const candidate: Address = { version, value }
    const text = formatAddress(candidate)
    if (!taken.has(text)) return text
  }
  return 'None'
}
