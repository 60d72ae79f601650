import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { isAtLeast, lint, lintRules } from '../../../../src/policy/index.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { readYaml } from './read-yaml.ts'

const rendered = join(import.meta.dirname, '../../../golden/render')

/** What a set has no chance to do right by itself. */
const ofOneTemplate: Record<string, string[]> = {
  // A whole default deny closes DNS for itself; allow-dns is the template that opens it.
  'allow-web.ingress.yaml': ['ingress-without-egress'],
}

test.each(readdirSync(rendered))('the rendered template %s is clean', (name) => {
  const { findings } = lint(readYaml(readFileSync(join(rendered, name), 'utf8')))
  const grave = findings.filter(({ severity }) => isAtLeast(severity, 'warning'))
  expect(grave.filter(({ rule }) => !ofOneTemplate[name]?.includes(rule))).toEqual([])
})

test.each(seeds)('every rule looks at random policies of every kind and none fails (seed %p)', (seed) => {
  const random = new Random(seed)
  const quick = lintRules.filter(({ id }) => !/^(redundant|shadowed)/.test(id))
  for (let set = 0; set < scaled(100); set++) {
    const objects = [...randomCluster(random), ...randomPolicies(random)]
    const before = JSON.stringify(objects)
    const { findings } = lint(objects, { rules: quick })
    expect(findings.filter(({ message }) => /undefined|\[object|NaN/.test(message))).toEqual([])
    expect(JSON.stringify(objects)).toBe(before)
  }
})

test.each([
  ['no spec', {}],
  ['a spec that is null', { spec: null }],
  ['a spec that is a list', { spec: [] }],
  ['rules that are texts', { spec: { ingress: ['a'], egress: 'b', types: 'Ingress', podSelector: 'x' } }],
  ['rules that are null', { spec: { ingress: [null], egress: null, podSelector: null } }],
  ['peers of wrong types', { spec: { podSelector: {}, ingress: [{ from: [null, 'a', { ipBlock: 1 }] }] } }],
  ['ports of wrong types', { spec: { podSelector: {}, ingress: [{ ports: [null, 'a', { port: {} }] }] } }],
  ['sides of wrong types', { spec: { ingress: [{ action: 1, source: 'a', destination: [] }] } }],
])('%s is a finding in every kind, and no crash', (_, body) => {
  const kinds = [
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['projectcalico.org/v3', 'NetworkPolicy'],
    ['projectcalico.org/v3', 'GlobalNetworkPolicy'],
    ['projectcalico.org/v3', 'StagedKubernetesNetworkPolicy'],
    ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
    ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'],
    ['crd.projectcalico.org/v1', 'NetworkPolicy'],
    ['projectcalico.org/v3', 'Tier'],
  ]
  for (const [apiVersion, kind] of kinds)
    lint([{ apiVersion, kind, metadata: { name: 'a' }, ...body } as KubernetesObject])
})

test('without pods nothing is said about who is selected', () => {
  const { findings, notes } = lint(
    readYaml(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: postgres }]`),
  )
  expect(findings).toEqual([])
  expect(notes).toContainEqual(expect.stringContaining('no pods'))
})

test('fields that a server drops are told, and the rest of the policy is looked at', () => {
  const { findings } = lint(
    readYaml(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from: [{ ipBlock: { cidr: 192.168.0.0/16 }, ports: [] }]`),
  )
  expect(findings.map(({ rule }) => rule)).toEqual(['misplaced-field', 'ip-block-over-pods'])
})
