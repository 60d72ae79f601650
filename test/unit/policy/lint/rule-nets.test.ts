import { formatCidr, parseCidr } from '../../../../src/cidr.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { LintContext } from '../../../../src/policy/lint/lint-context.ts'
import { isTakenOut, netSites, overlaps } from '../../../../src/policy/lint/rule-nets.ts'
import { cnp, knp, np } from '../small-cluster.ts'

const net = (text: string) => parseCidr(text)!

function told(...objects: KubernetesObject[]): string[] {
  return [...netSites(new LintContext(objects))].map(({ path, action, text, except }) =>
    [action, path.join('.'), text, ...except.map(formatCidr)].join(' '),
  )
}

test('blocks stand where they are written, with what is taken out beside them', () => {
  const source = { nets: ['10.0.0.0/8', '192.0.2.0/24'], notNets: ['10.9.0.0/16'] }
  expect(told(np({ types: ['Ingress'], ingress: [{ action: 'Deny', source }] }))).toEqual([
    'Deny spec.ingress.0.source.nets.0 10.0.0.0/8 10.9.0.0/16',
    'Deny spec.ingress.0.source.nets.1 192.0.2.0/24 10.9.0.0/16',
  ])
  const ipBlock = { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] }
  expect(told(knp({ egress: [{}, { to: [{ podSelector: {} }, { ipBlock }] }] }))).toEqual([
    'Allow spec.egress.1.to.1.ipBlock.cidr 10.0.0.0/8 10.9.0.0/16',
  ])
  const to = [{ networks: ['10.0.0.0/8', 'fd00::/8'] }]
  expect(told(cnp({ egress: [{ action: 'Pass', to }] }))).toEqual([
    'Pass spec.egress.0.to.0.networks.0 10.0.0.0/8',
    'Pass spec.egress.0.to.0.networks.1 fd00::/8',
  ])
})

test('what cannot be read is left out', () => {
  const ipBlock = { cidr: '10.0.0.0/8', except: ['x', '10.9.0.0/16'] }
  expect(told(knp({ ingress: [{ from: [{ ipBlock }, { ipBlock: { cidr: 'nonsense' } }] }] }))).toEqual([
    'Allow spec.ingress.0.from.0.ipBlock.cidr 10.0.0.0/8 10.9.0.0/16',
  ])
})

test.each([
  ['10.1.0.0/16', '10.0.0.0/8', true, true],
  ['10.0.0.0/8', '10.0.0.0/8', true, true],
  ['10.0.0.0/8', '10.1.0.0/16', false, true],
  ['10.0.0.0/16', '10.1.0.0/16', false, false],
  ['10.2.0.0/16', '10.1.0.0/16', false, false],
  ['0.0.0.0/0', '::/96', false, false],
  ['::/128', '0.0.0.0/0', false, false],
])('%s is taken out by %s: %s; they overlap: %s', (inner, outer, takenOut, overlapping) => {
  expect(isTakenOut(net(inner), [net('198.51.100.0/24'), net(outer)])).toBe(takenOut)
  expect(overlaps(net(inner), net(outer))).toBe(overlapping)
})
