import { Registry } from '../../../../src/embedded/api/registry.ts'
import { parseRoute } from '../../../../src/embedded/api/route.ts'
import { StatusError } from '../../../../src/embedded/api/status-error.ts'
import { Store } from '../../../../src/embedded/api/store.ts'
import { type IpFamilies, ipVersions } from '../../../../src/embedded/ip-families.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

function shop(ipFamilies: IpFamilies) {
  const registry = new Registry(new Store(), ipVersions(ipFamilies))
  const options = { warnings: [] }
  const { kind: namespaces } = parseRoute(registry.kinds, '/api/v1/namespaces')!
  registry.create(namespaces, undefined, { metadata: { name: 'shop' } }, options)
  const target = (name: string) => {
    const { kind, namespace } = parseRoute(registry.kinds, '/api/v1/namespaces/shop/services')!
    return { kind, namespace, name }
  }
  const shown = ({ spec }: KubernetesObject) => {
    const { clusterIPs, ipFamilies, ipFamilyPolicy } = spec
    return { clusterIPs, ipFamilies, ipFamilyPolicy }
  }
  return {
    create(name: string, spec: object) {
      const body = { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } }
      return shown(registry.create(target(name).kind, 'shop', body, options))
    },
    patch: (name: string, spec: object) =>
      shown(registry.patch(target(name), { type: 'merge', document: { spec } }, options)),
  }
}

/** Field and message of every cause. */
function refusal(work: () => unknown): string[] {
  try {
    work()
  } catch (error) {
    if (error instanceof StatusError)
      return (error.details.causes ?? []).map(({ field, message }) => `${field}: ${message}`)
    throw error
  }
  throw new Error('it was not refused')
}

describe('a cluster of one family', () => {
  test('gives one address, also where two are preferred', () => {
    const { create } = shop('ipv4')
    expect(create('plain', {})).toEqual({
      clusterIPs: ['10.96.1.0'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    })
    expect(create('preferring', { ipFamilyPolicy: 'PreferDualStack' })).toEqual({
      clusterIPs: ['10.96.1.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'PreferDualStack',
    })
    expect(shop('ipv6').create('six', {}).clusterIPs).toEqual(['fd00:10:96::100'])
  })

  test('refuses what it does not have', () => {
    const { create } = shop('ipv4')
    expect(refusal(() => create('both', { ipFamilyPolicy: 'RequireDualStack' }))).toEqual([
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ])
    expect(refusal(() => create('six', { ipFamilies: ['IPv6'] }))).toEqual([
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ])
    expect(refusal(() => create('six', { clusterIP: 'fd00:10:96::7' }))).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["fd00:10:96::7"]: IPv6 is not configured on this cluster',
    ])
  })

  test('a headless Service whose endpoints are written by hand may have both', () => {
    const headless = { clusterIP: 'None' }
    expect(shop('ipv4').create('by-hand', headless)).toEqual({
      clusterIPs: ['None'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    })
    expect(shop('ipv4').create('selecting', { ...headless, selector: { app: 'web' } })).toEqual({
      clusterIPs: ['None'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    })
  })
})

describe('a cluster of both families', () => {
  test('gives the first alone unless more is asked for', () => {
    const { create } = shop('dual')
    expect(create('plain', {}).ipFamilies).toEqual(['IPv4'])
    expect(create('preferring', { ipFamilyPolicy: 'PreferDualStack' })).toMatchObject({
      clusterIPs: ['10.96.1.1', 'fd00:10:96::100'],
      ipFamilies: ['IPv4', 'IPv6'],
    })
    expect(
      create('six-first', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] }),
    ).toMatchObject({ clusterIPs: ['fd00:10:96::101', '10.96.1.2'] })
    expect(create('six', { ipFamilies: ['IPv6'] })).toMatchObject({
      clusterIPs: ['fd00:10:96::102'],
      ipFamilyPolicy: 'SingleStack',
    })
    expect(create('by-address', { clusterIP: 'fd00:10:96::7' }).ipFamilies).toEqual(['IPv6'])
  })

  test('adds and gives back the second address, and keeps the first', () => {
    const { create, patch } = shop('dual')
    const [first] = create('web', {}).clusterIPs as string[]
    expect(patch('web', { ipFamilyPolicy: 'RequireDualStack' })).toEqual({
      clusterIPs: [first, 'fd00:10:96::100'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    })
    expect(refusal(() => patch('web', { clusterIPs: [first] }))).toEqual([
      `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be 'SingleStack' to release the secondary cluster IP`,
    ])
    expect(patch('web', { ipFamilyPolicy: 'SingleStack' })).toMatchObject({
      clusterIPs: [first],
      ipFamilies: ['IPv4'],
    })
    expect(create('next', { ipFamilies: ['IPv6'] }).clusterIPs).toEqual(['fd00:10:96::100'])
  })

  test('refuses families and addresses that do not fit together', () => {
    const { create } = shop('dual')
    const two = ['10.96.0.7', 'fd00:10:96::7']
    expect(refusal(() => create('two', { clusterIP: two[0], clusterIPs: two }))).toEqual([
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified`,
    ])
    expect(refusal(() => create('other', { clusterIP: two[1], ipFamilies: ['IPv4'] }))).toEqual([
      'spec.clusterIPs[0]: Invalid value: "fd00:10:96::7": expected an IPv4 value as indicated by `ipFamilies[0]`',
    ])
    expect(
      refusal(() => create('twice', { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv4'] })),
    ).toEqual(['spec.ipFamilies[1]: Duplicate value: "IPv4"'])
    expect(refusal(() => create('outside', { clusterIP: '10.112.0.1' }))).toEqual([
      'spec.clusterIPs: Invalid value: ["10.112.0.1"]: failed to allocate IP 10.112.0.1: the provided IP (10.112.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
    ])
    expect(refusal(() => create('first', { clusterIP: two[0], clusterIPs: [two[1]] }))).toContain(
      'spec.clusterIPs: Invalid value: ["fd00:10:96::7"]: first value must match `clusterIP`',
    )
  })
})

test('session affinity has its time by default, and none without it', () => {
  const { create, patch } = shop('ipv4')
  create('sticky', { sessionAffinity: 'ClientIP' })
  expect(
    refusal(() => patch('sticky', { sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } })),
  ).toHaveLength(1)
})
