import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { LintContext } from '../../../../src/policy/lint/lint-context.ts'
import { oncePerPath, ruleSites } from '../../../../src/policy/lint/rule-site.ts'
import { calico, cnp, inNamespace, knp, np, smallCluster } from '../small-cluster.ts'

const peers = [{ podSelector: {} }, { namespaceSelector: inNamespace('y') }]
const ports = [{ port: 80 }, { protocol: 'UDP', port: 53 }]

function sitesOf(...objects: KubernetesObject[]) {
  return [...ruleSites(new LintContext([...smallCluster(), ...objects]))]
}

function paths(...objects: KubernetesObject[]): string[] {
  return sitesOf(...objects).map(({ peerPath }) => peerPath.join('.'))
}

test('a rule of Kubernetes stands at its peer, once for each protocol', () => {
  const first = { from: [peers[0]], ports }
  expect(paths(knp({ ingress: [first, { from: peers, ports }, {}] }))).toEqual([
    'spec.ingress.0.from.0',
    'spec.ingress.0.from.0',
    'spec.ingress.1.from.0',
    'spec.ingress.1.from.1',
    'spec.ingress.1.from.0',
    'spec.ingress.1.from.1',
    'spec.ingress.2',
  ])
  expect(paths(knp({ policyTypes: ['Egress'], egress: [{}, { to: peers }] }))).toEqual([
    'spec.egress.0',
    'spec.egress.1.to.0',
    'spec.egress.1.to.1',
  ])
  const three = [...peers, { ipBlock: { cidr: '10.0.0.0/8' } }]
  expect(paths(knp({ ingress: [{ from: [peers[0]] }, { from: three }] }))).toEqual([
    'spec.ingress.0.from.0',
    'spec.ingress.1.from.0',
    'spec.ingress.1.from.1',
    'spec.ingress.1.from.2',
  ])
  const from = [{ namespaces: {} }, { namespaces: inNamespace('y') }]
  expect(paths(cnp({ ingress: [{ action: 'Deny', from }] }))).toEqual([
    'spec.ingress.0.from.0',
    'spec.ingress.0.from.1',
  ])
})

test('one of Calico at the other end, and its staged form of Kubernetes like that', () => {
  const types = ['Ingress', 'Egress']
  const [allow] = [{ action: 'Allow' }]
  const sites = sitesOf(np({ types, ingress: [allow], egress: [allow] }))
  expect(sites.map(({ path, peerPath, far }) => [path.join('.'), peerPath.join('.'), far])).toEqual([
    ['spec.ingress.0', 'spec.ingress.0.source', 'source'],
    ['spec.egress.0', 'spec.egress.0.destination', 'destination'],
  ])
  const staged = calico(
    'StagedKubernetesNetworkPolicy',
    { name: 's', namespace: 'x' },
    { ingress: [{ from: peers }] },
  )
  expect(paths(staged)).toEqual(['spec.ingress.0.from.0', 'spec.ingress.0.from.1'])
  expect([...ruleSites(new LintContext([staged]), { staged: false })]).toEqual([])
})

test('once per path it is the first', () => {
  const found = oncePerPath(sitesOf(knp({ ingress: [{ from: peers, ports }] })))
  expect(found.map(({ peerPath, rule }) => [peerPath.join('.'), rule.position])).toEqual([
    ['spec.ingress.0.from.0', 0],
    ['spec.ingress.0.from.1', 1],
  ])
})
