import type { IpVersion } from '../cidr.ts'

/** IP families of a cluster, as kind's `networking.ipFamily` has them; `dual` is IPv4 first. */
export type IpFamilies = (typeof ipFamiliesChoices)[number]

export const ipFamiliesChoices = ['ipv4', 'ipv6', 'dual'] as const

export function ipVersions(families: IpFamilies): IpVersion[] {
  return { ipv4: [4 as const], ipv6: [6 as const], dual: [4 as const, 6 as const] }[families]
}

export function isIpFamilies(text: string): text is IpFamilies {
  return (ipFamiliesChoices as readonly string[]).includes(text)
}

/** As the API writes it. */
export type FamilyName = `IPv${IpVersion}`

export function familyName(family: IpVersion): FamilyName {
  return `IPv${family}`
}
