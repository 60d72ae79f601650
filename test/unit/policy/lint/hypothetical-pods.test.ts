import { hypotheticalPods } from '../../../../src/policy/lint/hypothetical-pods.ts'
import { LintContext } from '../../../../src/policy/lint/lint-context.ts'
import { calico, gnp, inNamespace, knp, np, pod } from '../small-cluster.ts'

type Objects = ConstructorParameters<typeof LintContext>[0]

const imagined = (...objects: Objects) => hypotheticalPods(new LintContext(objects))!

/** `namespace a=1,b=2`; a namespace that was imagined too as `new` with its labels. */
function told(...objects: Objects): string[] {
  const all = imagined(...objects)
  const spaces = new Map(
    all
      .filter(({ kind }) => kind === 'Namespace')
      .map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
  )
  return all
    .filter(({ kind }) => kind === 'Pod')
    .map(({ metadata, spec }) => {
      const ofSpace = spaces.get(metadata.namespace!)
      const where = ofSpace ? ['new', text(ofSpace)].join(' ').trim() : metadata.namespace
      const own = Object.fromEntries(
        Object.entries(metadata.labels ?? {}).filter(([label]) => !label.startsWith('projectcalico.org/')),
      )
      return [where, text(own), spec.serviceAccountName ?? ''].join(' ').trim()
    })
}

function text(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .join()
}

test('for each selector a pod that barely fulfils it', () => {
  const from = [
    { podSelector: { matchLabels: { role: 'b' } } },
    { namespaceSelector: { matchLabels: { team: 't' } } },
    { namespaceSelector: inNamespace('y') },
  ]
  expect(told(knp({ policyTypes: ['Ingress'], ingress: [{ from }] }))).toEqual([
    'x app=a',
    'x role=b',
    'new team=t',
    'y',
  ])
})

test('by name of the namespace and of the service account', () => {
  const accounts = { names: ['robot'] }
  const source = { namespaceSelector: "projectcalico.org/name == 'z'", serviceAccounts: accounts }
  expect(
    told(gnp({ types: ['Ingress'], selector: "app == 'a'", ingress: [{ action: 'Allow', source }] })),
  ).toEqual(['new app=a', 'z  robot'])
})

test('both at once, where rules of other actions could hide one another', () => {
  const rule = (action: string, label: string) => ({ action, source: { selector: `has(${label})` } })
  const hides = told(
    np({ selector: "app == 'a'", types: ['Ingress'], ingress: [rule('Deny', 'b'), rule('Allow', 'c')] }),
  )
  expect(hides).toEqual(['x app=a', 'x b=any', 'x c=any', 'x b=any,c=any'])
  const agrees = told(
    np({
      selector: "app == 'a'",
      types: ['Ingress'],
      ingress: [rule('Allow', 'b'), rule('Allow', 'c'), rule('Log', 'd')],
    }),
  )
  expect(agrees).toEqual(['x app=a', 'x b=any', 'x c=any', 'x d=any', 'x b=any,d=any', 'x c=any,d=any'])
})

test('the opposite of what is true where a label is missing', () => {
  const source = (selector: string) => ({ action: 'Allow', source: { selector } })
  const told1 = told(
    gnp({ selector: 'has(app)', types: ['Ingress'], ingress: [source('has(a)'), source("b != '1'")] }),
  )
  expect(told1).toEqual(['new app=any', 'new a=any', 'new', 'new b=another', 'new a=any,b=1'])
})

test('of notSelectors and both ends, and of no staged policy', () => {
  const egress = [{ action: 'Deny', source: { selector: 'has(s)' }, destination: { notSelector: 'has(d)' } }]
  const staged = calico('StagedNetworkPolicy', { name: 's', namespace: 'x' }, { selector: 'has(staged)' })
  expect(told(gnp({ selector: 'has(app)', types: ['Egress'], egress }), staged)).toEqual([
    'new app=any',
    'new s=any',
    'new d=any',
  ])
})

test('each has an address that nobody has, and one of IPv6 where pods have that', () => {
  const policy = knp({})
  const taken = pod('x/taken', 'n1', { address: '192.168.255.253' })
  const [one] = imagined(policy, taken).filter(({ kind }) => kind === 'Pod')
  expect(one!.status).toEqual({
    podIP: '192.168.255.252',
    podIPs: [{ ip: '192.168.255.252' }],
    phase: 'Running',
  })
  const [both] = imagined(policy, pod('x/six', 'n1', { address: 'fd00::6' })).filter(
    ({ kind }) => kind === 'Pod',
  )
  const podIPs = [{ ip: expect.stringMatching(/^192\.168\./) }, { ip: 'fd5a:1ab::ffff:ffff:ffff:fffe' }]
  expect(both!.status.podIPs).toEqual(podIPs)
  const dual = { ...taken, status: { podIPs: [{ ip: '192.168.0.7' }, { ip: 'fd00::7' }] } }
  expect(imagined(policy, dual).find(({ kind }) => kind === 'Pod')!.status.podIPs).toEqual(podIPs)
})

test('both at once, where policies do not decide alike', () => {
  const policy = (label: string, ...actions: string[]) =>
    np(
      { selector: `has(${label})`, types: ['Ingress'], ingress: actions.map((action) => ({ action })) },
      label,
    )
  expect(told(policy('a', 'Deny', 'Allow'), policy('b', 'Allow'))).toEqual([
    'x a=any',
    'x b=any',
    'x a=any,b=any',
  ])
  expect(told(policy('a', 'Allow', 'Log'), policy('b', 'Allow'))).toEqual(['x a=any', 'x b=any'])
  expect(told(policy('a', 'Log', 'Allow'), policy('b', 'Allow', 'Log'))).toEqual(['x a=any', 'x b=any'])
})

test.each([
  ['!has(b)', ['new a=any', 'new', 'new a=any,b=any']],
  ["b not in {'1', '2'}", ['new a=any', 'new', 'new b=another', 'new a=any,b=1', 'new a=any,b=2']],
])('the opposite of %s', (selector, expected) => {
  const ingress = ['has(a)', selector].map((text) => ({ action: 'Allow', source: { selector: text } }))
  expect(told(gnp({ selector: 'has(app)', types: ['Ingress'], ingress })).slice(1)).toEqual(expected)
})

test('a service account gives a pod its labels, and is nobody of its own', () => {
  const source = { serviceAccounts: { selector: "trust == 'high'" } }
  const pods = imagined(
    gnp({ selector: 'has(app)', types: ['Ingress'], ingress: [{ action: 'Allow', source }] }),
  )
  expect(pods.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.labels])).toEqual([
    ['v1', 'Namespace', {}],
    ['v1', 'Pod', { app: 'any' }],
    ['v1', 'Namespace', {}],
    ['v1', 'Pod', {}],
  ])
})

test('none at all where they would be too many', () => {
  const each = 30
  const many = (count: number) =>
    Array.from({ length: Math.ceil(count / each) }, (_, index) => {
      const length = Math.min(each, count - index * each)
      const values = Array.from({ length }, (_, value) => `'${index}-${value}'`)
      return np({ selector: `app in {${values}}`, types: ['Ingress'] }, `n${index}`)
    })
  expect(hypotheticalPods(new LintContext(many(1500)))).toHaveLength(1500)
  expect(hypotheticalPods(new LintContext(many(1501)))).toBeNull()
})
