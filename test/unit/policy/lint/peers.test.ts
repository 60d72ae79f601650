import { parseAddress, parseCidr } from '../../../../src/cidr.ts'
import { parseSelector } from '../../../../src/policy/index.ts'
import { LintContext } from '../../../../src/policy/lint/lint-context.ts'
import {
  endpointsOf,
  isInNets,
  namespaceOf,
  ownTerms,
  selectsAnything,
  withoutNamespace,
} from '../../../../src/policy/lint/peers.ts'
import { and, everything, selectorText } from '../../../../src/policy/selector.ts'
import { calico, smallCluster } from '../small-cluster.ts'

const namespace = 'projectcalico.org/namespace'

function read(text: string) {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.selector
}

test.each([
  [`${namespace} == 'x'`, 'x'],
  [`has(a) && (has(b) && ${namespace} == 'x')`, 'x'],
  [`has(${namespace}) && ${namespace} == 'x'`, 'x'],
  [`${namespace} != 'x'`, null],
  [`${namespace} == 'x' || has(a)`, null],
  ["a == 'x'", null],
])('%s is confined to %s', (text, expected) => {
  expect(namespaceOf(read(text))).toBe(expected)
})

test('without its namespace a selector keeps the rest', () => {
  const text = (selector: string) => selectorText(withoutNamespace(read(selector)))
  expect(text(`${namespace} == 'x' && has(a)`)).toBe('(all() && has(a))')
  expect(text(`${namespace} != 'x' && a == '1'`)).toBe(`(${namespace} != "x" && a == "1")`)
})

test('own terms are what nobody adds', () => {
  const added = [read(`${namespace} == 'x'`), read("projectcalico.org/orchestrator == 'k8s'")]
  const own = (text: string) => ownTerms(and(...added, read(text))).map(selectorText)
  expect(own("a == '1' && has(b)")).toEqual(['a == "1"', 'has(b)'])
  expect(own(`has(${namespace})`)).toEqual([])
  expect(ownTerms(everything)).toEqual([])
})

test('endpoints and network sets are what a selector finds', () => {
  const set = calico('NetworkSet', { name: 's', namespace: 'x', labels: { role: 'set' } }, { nets: [] })
  const context = new LintContext([...smallCluster(), set])
  const found = (text: string) => [
    selectsAnything(context, read(text)),
    endpointsOf(context, read(text)).length,
  ]
  expect([found("app == 'a'"), found("role == 'set'"), found("role == 'none'")]).toEqual([
    [true, 1],
    [true, 0],
    [false, 0],
  ])
})

test('an endpoint is in blocks with any of its addresses, in any of them', () => {
  const [pod] = endpointsOf(new LintContext(smallCluster()), read("app == 'a'"))
  const both = { ...pod!, addresses: [parseAddress('10.0.1.1')!, parseAddress('fd00::1')!] }
  const within = (...nets: string[]) =>
    isInNets(
      both,
      nets.map((net) => parseCidr(net)!),
    )
  expect([within('192.0.2.0/24', 'fd00::/8'), within('192.0.2.0/24'), within()]).toEqual([true, false, false])
})
