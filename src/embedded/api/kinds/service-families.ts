import { isIP } from 'node:net'
import { type FamilyName, familyName } from '../../ip-families.ts'
import { jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'

/** The fields of a Service's spec that say which families it has, and its addresses in them. */
export interface FamilyFields {
  clusterIP?: string
  clusterIPs?: string[]
  ipFamilies?: FamilyName[]
  ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack'
  selector?: Record<string, string>
}

/**
 * Fills `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` as the API server's Service registry does, and says what does not
 * fit together or is not of this cluster. Returns whether the addresses may be given out.
 */
export function decideFamilies(request: AdmissionRequest): boolean {
  const { object, causes } = request
  const spec = object.spec as FamilyFields
  const before = causes.length
  bringTogether(request)
  if (keepsPreference(request)) return true
  spec.ipFamilyPolicy ??= defaultPolicy(request)
  checkShape(request)
  if (causes.length === before) fitToPolicy(request)
  if (causes.length === before) inferFamilies(request)
  if (causes.length > before) return false
  const [first] = request.families.map(familyName)
  if (!spec.ipFamilies?.length) spec.ipFamilies = [first!]
  const isFree = isHeadlessWithoutSelector(spec)
  if (!isFree) checkCluster(request)
  if (causes.length > before) return false
  const wantsTwo = spec.ipFamilyPolicy !== 'SingleStack' && (isFree || request.families.length === 2)
  if (wantsTwo && spec.ipFamilies.length === 1)
    spec.ipFamilies.push(spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4')
  return true
}

/** `clusterIP` is the first of `clusterIPs`; whoever knows one of the two alone changes both. */
function bringTogether({ object, old }: AdmissionRequest): void {
  const spec = object.spec as FamilyFields
  const was: FamilyFields = old && old.spec.type !== 'ExternalName' ? old.spec : {}
  if (was.clusterIP && !spec.clusterIP && !spec.clusterIPs?.length) {
    spec.clusterIP = was.clusterIP
    spec.clusterIPs = [...(was.clusterIPs ?? [])]
    if (!spec.ipFamilies && !spec.ipFamilyPolicy) spec.ipFamilies = [...(was.ipFamilies ?? [])]
    return
  }
  const isSame = jsonEqual(spec.clusterIPs ?? [], was.clusterIPs ?? [])
  if (!spec.clusterIP) {
    if (was.clusterIP && isSame) spec.clusterIPs = undefined
    return
  }
  if (!spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  else if (spec.clusterIP !== was.clusterIP && was.clusterIP && isSame)
    spec.clusterIPs = [spec.clusterIP, ...spec.clusterIPs.slice(1)]
}

/** A Service that merely prefers two families keeps those that it has. */
function keepsPreference({ object: { spec }, old }: AdmissionRequest): boolean {
  return (
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    old?.spec.ipFamilyPolicy === 'PreferDualStack' &&
    jsonEqual(spec.clusterIPs, old.spec.clusterIPs) &&
    jsonEqual(spec.ipFamilies, old.spec.ipFamilies)
  )
}

function defaultPolicy({ object, old }: AdmissionRequest): FamilyFields['ipFamilyPolicy'] {
  if (old?.spec.ipFamilyPolicy) return old.spec.ipFamilyPolicy
  return isHeadlessWithoutSelector(object.spec) ? 'RequireDualStack' : 'SingleStack'
}

/** Its endpoints are written by hand, in whatever family. */
function isHeadlessWithoutSelector({ clusterIP, selector }: FamilyFields): boolean {
  return clusterIP === 'None' && Object.keys(selector ?? {}).length === 0
}

function invalid({ causes }: AdmissionRequest, field: string, value: unknown, why: string): void {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`
  causes.push({ reason: 'FieldValueInvalid', message, field: `spec.${field}` })
}

function checkShape(request: AdmissionRequest): void {
  const { clusterIP, clusterIPs = [], ipFamilies = [] } = request.object.spec as FamilyFields
  const wrong = (field: string, value: unknown, why: string) => invalid(request, field, value, why)
  if (!clusterIP && clusterIPs.length > 0)
    wrong('clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified')
  if (clusterIPs.length > 0 && clusterIP && clusterIPs[0] !== clusterIP)
    wrong('clusterIPs', clusterIPs, 'first value must match `clusterIP`')
  if (clusterIPs.length > 2) wrong('clusterIPs', clusterIPs, 'may only hold up to 2 values')
  if (ipFamilies.length === 2 && ipFamilies[0] === ipFamilies[1])
    request.causes.push({
      reason: 'FieldValueDuplicate',
      message: `Duplicate value: ${JSON.stringify(ipFamilies[1])}`,
      field: 'spec.ipFamilies[1]',
    })
  if (clusterIPs.length === 2 && clusterIPs.includes('None'))
    wrong('clusterIPs', clusterIPs, "'None' must be the first and only value")
  else if (clusterIPs.length === 2 && isIP(clusterIPs[0]!) === isIP(clusterIPs[1]!))
    wrong('clusterIPs', clusterIPs, 'may specify no more than one IP for each IP family')
  for (const [index, address] of clusterIPs.entries()) {
    const family = ipFamilies[index]
    if (address === 'None') continue
    if (isIP(address) === 0)
      wrong(`clusterIPs[${index}]`, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')
    else if (family && family !== `IPv${isIP(address)}`)
      wrong(
        `clusterIPs[${index}]`,
        address,
        `expected an ${family} value as indicated by \`ipFamilies[${index}]\``,
      )
  }
}

/** One family is one address: whoever wants it alone gives the second back, and nobody else may. */
function fitToPolicy(request: AdmissionRequest): void {
  const { old } = request
  const spec = request.object.spec as FamilyFields
  const { ipFamilyPolicy: policy } = spec
  const was: FamilyFields = old?.spec ?? {}
  if (policy === 'SingleStack') {
    if (old && jsonEqual(spec.clusterIPs, was.clusterIPs)) spec.clusterIPs = spec.clusterIPs?.slice(0, 1)
    if (old && jsonEqual(spec.ipFamilies, was.ipFamilies)) spec.ipFamilies = spec.ipFamilies?.slice(0, 1)
    const why = (what: string) =>
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`
    if (spec.clusterIPs?.length === 2) invalid(request, 'ipFamilyPolicy', policy, why('cluster IPs'))
    if (spec.ipFamilies?.length === 2) invalid(request, 'ipFamilyPolicy', policy, why('IP families'))
    return
  }
  const released = (list: string[] | undefined, before: string[] | undefined) =>
    before?.length === 2 && list?.length === 1
  const why = (what: string) => `must be 'SingleStack' to release the secondary ${what}`
  if (released(spec.clusterIPs, was.clusterIPs)) invalid(request, 'ipFamilyPolicy', policy, why('cluster IP'))
  if (released(spec.ipFamilies, was.ipFamilies)) invalid(request, 'ipFamilyPolicy', policy, why('IP family'))
}

function inferFamilies(request: AdmissionRequest): void {
  const spec = request.object.spec as FamilyFields
  const families = request.families.map(familyName)
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === 'None' || spec.ipFamilies?.[index]) continue
    const family = `IPv${isIP(address)}` as FamilyName
    if (families.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family]
    else
      invalid(request, `clusterIPs[${index}]`, spec.clusterIPs, `${family} is not configured on this cluster`)
  }
}

function checkCluster(request: AdmissionRequest): void {
  const { ipFamilyPolicy, ipFamilies = [] } = request.object.spec as FamilyFields
  const families = request.families.map(familyName)
  if (ipFamilyPolicy === 'RequireDualStack' && families.length < 2) {
    const why = 'this cluster is not configured for dual-stack services'
    invalid(request, 'ipFamilyPolicy', ipFamilyPolicy, why)
  }
  for (const [index, family] of ipFamilies.entries())
    if (!families.includes(family))
      invalid(request, `ipFamilies[${index}]`, family, 'not configured on this cluster')
}
