import { wantedLabels } from '../../../../src/policy/exposure/wanted-labels.ts'
import { buildModel } from '../../../../src/policy/index.ts'
import { calico, gnp, inNamespace, knp, np } from '../small-cluster.ts'

const nowhere = { namespace: null, namespaceLabels: {}, pod: {} }

/** Of the source of one global rule, whose policy applies to anything. */
function of(selector: string) {
  const policy = gnp({ types: ['Ingress'], ingress: [{ action: 'Allow', source: { selector } }] })
  return wantedLabels(buildModel([policy])).slice(1)
}

test.each<[string, object[]]>([
  ['has(a)', [{ pod: { a: 'any' } }]],
  ["a == '1'", [{ pod: { a: '1' } }]],
  ["a contains 'x'", [{ pod: { a: 'x' } }]],
  ["a starts with 'x'", [{ pod: { a: 'x' } }]],
  ["a ends with 'x'", [{ pod: { a: 'x' } }]],
  ["a in {'1', '2'}", [{ pod: { a: '1' } }, { pod: { a: '2' } }]],
  ["a == '1' || b == '2'", [{ pod: { a: '1' } }, { pod: { b: '2' } }]],
  ["b == '2' && a in {'1', '3'}", [{ pod: { a: '1', b: '2' } }, { pod: { a: '3', b: '2' } }]],
  ["a == '1' && b != '2' && !has(c)", [{ pod: { a: '1' } }]],
  ["a == '1' && has(projectcalico.org/serviceaccount)", [{ pod: { a: '1' } }]],
  ["projectcalico.org/orchestrator == 'k8s' && a == '1'", [{ pod: { a: '1' } }]],
  ["pcsa.trust == 'high' && a == '1'", [{ pod: { a: '1' } }]],
  ["projectcalico.org/namespace == 'x'", [{ namespace: 'x' }]],
  ["pcns.kubernetes.io/metadata.name == 'x'", [{ namespace: 'x' }]],
  ["pcns.projectcalico.org/name == 'x'", [{ namespace: 'x' }]],
  ["pcns.team == 'a' && app == 'b'", [{ namespaceLabels: { team: 'a' }, pod: { app: 'b' } }]],
  ["a != '1'", []],
])('%s', (selector, wanted) => {
  expect(of(selector)).toEqual(wanted.map((one) => ({ ...nowhere, ...one })))
})

test('no more than 16 ways of one selector', () => {
  const values = (label: string) =>
    `${label} in {${Array.from({ length: 20 }, (_, index) => `'${index}'`).join(', ')}}`
  expect(
    [of(values('a')), of(`${values('a')} && ${values('b')}`), of(`${values('a')} || has(b)`)].map(
      ({ length }) => length,
    ),
  ).toEqual([16, 16, 16])
})

test('the same labels in another order are the same', () => {
  const policies = [
    ["a == '1'", "b == '2'"],
    ["b == '2'", "a == '1'"],
  ].map((terms, index) => gnp({ selector: terms.join(' && ') }, `g${index}`))
  const [wanted, ...others] = wantedLabels(buildModel(policies))
  expect(Object.entries(wanted!.pod)).toEqual([
    ['a', '1'],
    ['b', '2'],
  ])
  expect(others).toEqual([])
})

test('of subjects and both ends, each once, and of no staged policy', () => {
  const peers = [{ podSelector: { matchLabels: { app: 'b' } } }, { namespaceSelector: inNamespace('y') }]
  const staged = calico('StagedNetworkPolicy', { name: 's', namespace: 'x' }, { selector: "app == 'staged'" })
  const policies = [
    knp({ ingress: [{ from: peers }] }),
    knp({ egress: [{ to: peers }] }, 'k2'),
    np({ selector: "app == 'a'" }),
    staged,
  ]
  expect(wantedLabels(buildModel(policies))).toEqual([
    { ...nowhere, namespace: 'x', pod: { app: 'a' } },
    { ...nowhere, namespace: 'x', pod: { app: 'b' } },
    { ...nowhere, namespace: 'y' },
  ])
})
