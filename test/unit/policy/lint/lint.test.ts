import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { isAtLeast, type LintOptions, lint, lintRules } from '../../../../src/policy/index.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { calico, gnp, knp, make, np } from '../small-cluster.ts'
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

describe('the order of findings', () => {
  const policy = (name: string) => np({ tier: 'gone', ingress: [] }, name)
  const [first, second] = [policy('first'), policy('second')]
  const rules = lintRules.filter(({ id }) =>
    ['unknown-tier', 'calico-types-omitted', 'policy-selects-nothing'].includes(id),
  )
  const told = (options: LintOptions) =>
    lint([second, first], { rules, ...options }).findings.map(
      ({ object, rule, line, col }) => `${object.name} ${rule}${line === undefined ? '' : ` ${line}:${col}`}`,
    )

  test('is that of the objects, and the gravest first', () => {
    expect(told({})).toEqual([
      'second unknown-tier',
      'second calico-types-omitted',
      'first unknown-tier',
      'first calico-types-omitted',
    ])
    expect(rules.map(({ severity }) => severity)).toContain('error')
  })

  test('is that of the files, lines and columns, where these are known', () => {
    const locate = ({ metadata }: KubernetesObject, path: (string | number)[]) =>
      metadata.name === 'first'
        ? { file: 'a.yaml', line: path.length === 2 ? 9 : 10, col: 1 }
        : { file: 'a.yaml', line: 9, col: path.length === 2 ? 7 : 3 }
    expect(told({ locate })).toEqual([
      'first unknown-tier 9:1',
      'second calico-types-omitted 9:3',
      'second unknown-tier 9:7',
      'first calico-types-omitted 10:1',
    ])
    const byFile = ({ metadata }: KubernetesObject) => ({ file: `${metadata.name}.yaml`, line: 1, col: 1 })
    expect(told({ locate: byFile })[0]).toBe('first unknown-tier 1:1')
  })

  test('is that of the files also where the objects come like that', () => {
    const locate = ({ metadata }: KubernetesObject) => ({ file: `${metadata.name}.yaml`, line: 1, col: 1 })
    const { findings } = lint([first, second], { rules, locate })
    expect(findings.map(({ object }) => object.name)).toEqual(['first', 'first', 'second', 'second'])
  })

  test('stays where some have no place', () => {
    const locate = ({ metadata }: KubernetesObject) =>
      metadata.name === 'first' ? { file: 'a.yaml', line: 1, col: 1 } : undefined
    expect(told({ locate })[0]).toBe('second unknown-tier')
  })

  test('a suppression has its own line', () => {
    const suppressions = [{ object: first, rule: 'nothing', reason: 'r', line: 4 }]
    const locate = () => ({ file: 'a.yaml', line: 9, col: 9 })
    expect(told({ locate, suppressions })[0]).toBe('first suppression-of-unknown-rule 4:1')
  })
})

test('a finding names its object, and what to do', () => {
  const rules = lintRules.filter(({ id }) => id === 'unknown-tier')
  const { findings, suppressed } = lint([gnp({ tier: 'nowhere' })], { rules })
  expect(findings).toEqual([
    {
      rule: 'unknown-tier',
      severity: 'error',
      message: 'there is no tier nowhere',
      object: { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', namespace: null, name: 'g' },
      path: ['spec', 'tier'],
      fix: rules[0]!.fix,
    },
  ])
  expect(suppressed).toEqual([])
})

test('an object without a name is told as such', () => {
  const nameless = { ...gnp({ tier: 'nowhere' }), metadata: {} } as KubernetesObject
  const { findings } = lint([nameless], { rules: lintRules.filter(({ id }) => id === 'unknown-tier') })
  expect(findings.map(({ object }) => object)).toEqual([
    { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', namespace: null, name: '' },
  ])
})

test('port names are not judged by the DNS pod that was assumed', () => {
  const to = [{ namespaceSelector: {} }]
  const ports = [
    { protocol: 'UDP', port: 'http' },
    { protocol: 'TCP', port: 'dns' },
  ]
  const policy = knp({ policyTypes: ['Egress'], egress: [{ to, ports }] })
  const rules = lintRules.filter(({ id }) => id.startsWith('named-port'))
  expect(lint([policy], { rules }).findings).toEqual([])
})

test('what had to be assumed is noted', () => {
  const web = make('v1', 'Pod', { name: 'web', namespace: 'x' })
  const dns = make('v1', 'Pod', { name: 'dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } })
  expect(lint([]).notes).toEqual([
    'no pods and no workloads are given: nothing is said about who is selected',
    'no DNS pod is given: one with k8s-app=kube-dns in kube-system is assumed',
  ])
  const host = calico('HostEndpoint', { name: 'h' }, { node: 'n1', interfaceName: '*' })
  expect(lint([host]).notes).toHaveLength(2)
  expect(lint([web]).notes).toEqual([
    'no DNS pod is given: one with k8s-app=kube-dns in kube-system is assumed',
  ])
  expect(lint([web, dns]).notes).toEqual([])
})
