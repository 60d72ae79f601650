import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { buildModel, evaluate, type Finding, lint, lintRules } from '../../../../src/policy/index.ts'
import { coverage, coverageSkipped } from '../../../../src/policy/lint/coverage.ts'
import { LintContext } from '../../../../src/policy/lint/lint-context.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { outside, portNumbers, randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { np } from '../small-cluster.ts'
import { readYaml } from './read-yaml.ts'

const setsPerSeed = scaled(8)

/** Over all seeds: a fresh one alone may come to sets that hold nothing of the kind. */
let removed = 0

test.each(seeds)('what is called superfluous can be removed all at once (seed %p)', (seed) => {
  const random = new Random(seed)
  for (let set = 0; set < setsPerSeed; set++) {
    const cluster = randomCluster(random)
    const policies = randomPolicies(random)
    const findings = lintFor(
      [...cluster, ...policies],
      ['redundant-rule', 'shadowed-rule', 'redundant-policy'],
    )
    const kept = without(policies, findings)
    removed += findings.length
    const changed = changes(cluster, policies, kept)
    if (changed.length > 0) throw new Error(report(set, changed, findings, policies))
  }
})

test('random sets held something superfluous', () => expect(removed).toBeGreaterThan(0))

test('a rule is not superfluous because nobody of today needs it', () => {
  const found = lintFor(
    readYaml(`
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web, tier: front } }
spec: { containers: [] }
status: { podIP: 192.168.1.10 }
---
apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db } }
spec: { containers: [] }
status: { podIP: 192.168.1.11 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { tier: front } } }]
    - from: [{ podSelector: { matchLabels: { app: web } } }]`),
    ['redundant-rule'],
  )
  expect(found).toEqual([])
})

test('several rules together can cover one, and are named', () => {
  const policy = (name: string, ports: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: {} }]
      ports: ${ports}`
  const found = lintFor(
    readYaml(
      [
        policy('low', '[{ protocol: TCP, port: 1, endPort: 100 }]'),
        policy('high', '[{ protocol: TCP, port: 101, endPort: 200 }]'),
        policy('middle', '[{ protocol: TCP, port: 50, endPort: 150 }]'),
      ].join('\n---'),
    ),
    ['redundant-policy'],
  )
  expect(found.map(({ object, message }) => [object.name, message])).toEqual([
    ['middle', expect.stringMatching(/NetworkPolicy shop\/(low|high).*and.*NetworkPolicy shop\/(low|high)/)],
  ])
})

test('a Deny is needed where a pod could have the labels of both', () => {
  const found = lintFor(
    readYaml(`
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Deny, source: { selector: quarantined == 'yes' } }
    - { action: Allow, source: { selector: app == 'web' } }`),
    ['redundant-rule', 'shadowed-rule'],
  )
  expect(found).toEqual([])
})

test('what only the removal of a closing Deny would make superfluous is needed, for nobody is told to remove that', () => {
  const policy = (name: string, tier: string, rest: object[]) =>
    np(
      {
        tier,
        selector: "app == 'db'",
        types: ['Ingress'],
        ingress: [{ action: 'Pass', protocol: 'TCP' }, ...rest],
      },
      name,
    )
  const tier = (name: string, spec: object) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'Tier',
    metadata: { name },
    spec,
  })
  const objects = [
    tier('first', { order: 1, defaultAction: 'Pass' }),
    tier('second', { order: 2 }),
    policy('first.db', 'first', [{ action: 'Allow', protocol: 'UDP' }, { action: 'Deny' }]),
    policy('second.db', 'second', []),
    np({ selector: "app == 'db' && !has(role)", types: ['Ingress'] }, 'closed'),
  ]
  expect(lintFor(objects, ['redundant-rule', 'shadowed-rule', 'redundant-policy'])).toEqual([])
})

test('a set that is too large is not looked at, and that is said', () => {
  const policies = Array.from({ length: 51 }, (_, index) => {
    const values = Array.from({ length: 30 }, (_, value) => `'${index}-${value}'`)
    return np({ selector: `app in {${values}}`, types: ['Ingress'] }, `n${index}`)
  })
  const rules = lintRules.filter(({ id }) => id === 'redundant-rule')
  const skipped = 'the set is too large to look for every redundant and shadowed rule'
  expect(lint(policies, { rules })).toMatchObject({ findings: [], notes: expect.arrayContaining([skipped]) })
  expect(coverage(new LintContext(policies))).toEqual({ rules: [], policies: [], skipped })
  expect(lint(policies.slice(1, 3), { rules }).notes).not.toContain(skipped)
  expect(coverageSkipped(new LintContext(policies))).toBeNull()
})

test('what is found stands in evaluation order', () => {
  const allow = [{ action: 'Allow' }]
  const policies = [3, 1, 2].map((order) => np({ order, types: ['Ingress'], ingress: allow }, `n${order}`))
  const { policies: found } = coverage(new LintContext(policies))
  expect(found.map(({ policy, covered }) => [policy.ref.name, covered.map(({ ref }) => ref.name)])).toEqual([
    ['n2', ['n1']],
    ['n3', ['n1']],
  ])
})

function lintFor(objects: KubernetesObject[], ids: string[]): Finding[] {
  return lint(objects, { rules: lintRules.filter(({ id }) => ids.includes(id)) }).findings
}

/** The policies with everything that was found taken out of them. */
function without(policies: KubernetesObject[], findings: Finding[]): KubernetesObject[] {
  return policies.flatMap((policy) => {
    const own = findings.filter(
      ({ object }) =>
        object.apiVersion === policy.apiVersion &&
        object.kind === policy.kind &&
        object.name === policy.metadata.name &&
        object.namespace === (policy.metadata.namespace ?? null),
    )
    if (own.some(({ rule }) => rule === 'redundant-policy')) return []
    return own.length === 0 ? [policy] : [withoutRules(policy, own)]
  })
}

/** Types are written out, so that a policy which loses its last rule goes on isolating. */
function withoutRules(policy: KubernetesObject, findings: Finding[]): KubernetesObject {
  const copy = structuredClone(policy)
  const { spec } = copy
  const isKubernetes = copy.apiVersion.startsWith('networking.k8s.io/') || copy.kind.includes('Kubernetes')
  if (copy.kind !== 'ClusterNetworkPolicy') {
    const types = isKubernetes ? 'policyTypes' : 'types'
    if (!spec[types]?.length)
      spec[types] = isKubernetes
        ? ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])]
        : [
            ...(spec.ingress?.length || !spec.egress?.length ? ['Ingress'] : []),
            ...(spec.egress?.length ? ['Egress'] : []),
          ]
  }
  for (const direction of ['ingress', 'egress'])
    spec[direction] = spec[direction]?.filter(
      (_: unknown, index: number) => !findings.some(({ path }) => path[1] === direction && path[2] === index),
    )
  return copy
}

function changes(
  cluster: KubernetesObject[],
  before: KubernetesObject[],
  after: KubernetesObject[],
): string[] {
  const [old, now] = [buildModel([...cluster, ...before]), buildModel([...cluster, ...after])]
  const ids = [...old.pods.keys()]
  return ids.flatMap((source) =>
    [...ids, ...outside].flatMap((destination) =>
      portNumbers.flatMap((port) =>
        (['TCP', 'UDP'] as const).flatMap((protocol) =>
          [
            [source, destination],
            [destination, source],
          ].flatMap(([from, to]) => {
            const flow = { source: from!, destination: to!, protocol, port, ipVersion: 4 as const }
            const verdict = (model: typeof old) => {
              try {
                return evaluate(model, flow).verdict
              } catch {
                return 'no such flow'
              }
            }
            return verdict(old) === verdict(now) ? [] : [`${from} -> ${to} ${protocol}/${port}`]
          }),
        ),
      ),
    ),
  )
}

function report(set: number, changed: string[], findings: Finding[], policies: KubernetesObject[]): string {
  const parts = [`set ${set}: ${changed.length} verdicts change, the first is ${changed[0]}`]
  return [...parts, ...findings.map(text), ...policies.map((policy) => JSON.stringify(policy))].join('\n')
}

function text({ rule, object, path, message }: Finding): string {
  return `${rule} ${object.kind} ${object.name} ${path.join('.')}: ${message}`
}
