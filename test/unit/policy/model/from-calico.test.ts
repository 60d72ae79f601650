import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { admit } from '../../../../src/policy/index.ts'
import { fromCalicoPolicy } from '../../../../src/policy/model/from-calico.ts'
import type { PeerDraft, RuleDraft } from '../../../../src/policy/model/rule.ts'
import { selectorText } from '../../../../src/policy/selector.ts'
import { calico, gnp, np } from '../small-cluster.ts'

const own = 'projectcalico.org/namespace == "x"'

function draftOf(object: KubernetesObject) {
  const { object: admitted, problems } = admit(object)
  expect(problems).toEqual([])
  return fromCalicoPolicy(admitted)
}

function ruleOf(rule: object, make: typeof np | typeof gnp = np): RuleDraft {
  return draftOf(make({ types: ['Egress'], egress: [{ action: 'Allow', ...rule }] })).egress![0]!
}

function selectorsOf({ selector, notSelector }: PeerDraft) {
  return [selector && selectorText(selector), notSelector && selectorText(notSelector)]
}

test('what a policy is, and where it stands', () => {
  expect(draftOf(np({ tier: 't', order: 7 }))).toMatchObject({
    ref: { apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', namespace: 'x', name: 'n', tier: 't' },
    calicoKind: 'NetworkPolicy',
    order: 7,
    staged: false,
    ingress: [],
    egress: null,
  })
  expect(draftOf(calico('StagedGlobalNetworkPolicy', { name: 's' }, { types: ['Egress'] }))).toMatchObject({
    ref: { namespace: null, tier: 'default' },
    calicoKind: 'StagedGlobalNetworkPolicy',
    order: Number.POSITIVE_INFINITY,
    staged: true,
    ingress: null,
    egress: [],
  })
})

describe('what a policy applies to', () => {
  test.each<[string, KubernetesObject, string]>([
    ['its namespace', np({}), own],
    ['pods of its namespace', np({ selector: "app == 'a'" }), `(app == "a" && ${own})`],
    [
      'service accounts of its namespace',
      np({ serviceAccountSelector: "trust == 'high'" }),
      `(${own} && pcsa.trust == "high")`,
    ],
    ['anything, HostEndpoints included', gnp({}), 'all()'],
    ['pods of some namespaces', gnp({ namespaceSelector: 'has(team)' }), 'has(pcns.team)'],
    ['any pod', gnp({ namespaceSelector: 'all()' }), 'has(projectcalico.org/namespace)'],
    [
      'some pods of any namespace',
      gnp({ selector: "app == 'a'", namespaceSelector: 'all()' }),
      '(app == "a" && has(projectcalico.org/namespace))',
    ],
    [
      'any pod, by the text all() of its own selector',
      gnp({ selector: 'all()', namespaceSelector: 'has(team)' }),
      '(has(projectcalico.org/namespace) && has(pcns.team))',
    ],
    [
      'HostEndpoints too, where all() is written with a blank',
      gnp({ selector: 'all( )', namespaceSelector: 'has(team)' }),
      '(all() && has(pcns.team))',
    ],
    [
      'any service account',
      gnp({ selector: ' ', serviceAccountSelector: 'all()' }),
      'has(projectcalico.org/serviceaccount)',
    ],
    [
      'namespaces and service accounts',
      gnp({ namespaceSelector: 'has(a)', serviceAccountSelector: 'has(b)' }),
      '(has(pcns.a) && has(pcsa.b))',
    ],
    [
      'an alternative, kept together',
      gnp({ selector: 'has(a) || has(b)', namespaceSelector: 'has(c)' }),
      '((has(a) || has(b)) && has(pcns.c))',
    ],
  ])('%s', (_, object, subject) => {
    expect(selectorText(draftOf(object).subject)).toBe(subject)
  })
})

describe('what a rule says of packets', () => {
  test.each<[object, Partial<RuleDraft>]>([
    [{}, { action: 'allow', index: 0, ipVersion: undefined, protocol: undefined, notProtocol: undefined }],
    [{ action: 'Pass' }, { action: 'pass' }],
    [{ protocol: 'TCP' }, { protocol: 6, ipVersion: undefined }],
    [{ protocol: 'ICMP' }, { protocol: 1, ipVersion: 4 }],
    [{ protocol: 'ICMPv6' }, { protocol: 58, ipVersion: 6 }],
    [{ protocol: 1 }, { protocol: 1, ipVersion: undefined }],
    [
      { protocol: 'UDP', ipVersion: 6 },
      { protocol: 17, ipVersion: 6 },
    ],
    [{ notProtocol: 'SCTP' }, { protocol: undefined, notProtocol: 132 }],
    [
      { protocol: 'ICMP', icmp: { type: 8, code: 0 }, notICMP: { type: 3 } },
      { icmp: { type: 8, code: 0 }, notIcmp: { type: 3 } },
    ],
    [
      { protocol: 'ICMP', icmp: {}, notICMP: {} },
      { icmp: undefined, notIcmp: undefined },
    ],
  ])('%j', (rule, draft) => {
    expect(ruleOf(rule)).toMatchObject(draft)
  })
})

test('rules are counted from 0', () => {
  const { ingress } = draftOf(np({ ingress: [{ action: 'Log' }, { action: 'Deny' }] }))
  expect(ingress!.map(({ action, index }) => [action, index])).toEqual([
    ['log', 0],
    ['deny', 1],
  ])
})

describe('whom a rule means', () => {
  const a = "app == 'a'"
  test.each<[object, (string | undefined)[], (string | undefined)[]]>([
    [{}, [undefined, undefined], [undefined, undefined]],
    [{ selector: a }, [`(${own} && app == "a")`, undefined], ['app == "a"', undefined]],
    [{ selector: 'all()' }, [own, undefined], ['all()', undefined]],
    [{ notSelector: a }, [`(${own} && !app == "a")`, undefined], [undefined, 'app == "a"']],
    [
      { selector: 'has(b)', notSelector: a },
      [`((${own} && has(b)) && !app == "a")`, undefined],
      ['(has(b) && !app == "a")', undefined],
    ],
    [{ namespaceSelector: 'has(t)' }, ['has(pcns.t)', undefined], ['has(pcns.t)', undefined]],
    [
      { namespaceSelector: 'all()', selector: a },
      ['(has(projectcalico.org/namespace) && app == "a")', undefined],
      ['(has(projectcalico.org/namespace) && app == "a")', undefined],
    ],
    [
      { namespaceSelector: 'global()', selector: a },
      ['(!has(projectcalico.org/namespace) && app == "a")', undefined],
      ['(!has(projectcalico.org/namespace) && app == "a")', undefined],
    ],
    [
      { serviceAccounts: { names: ['one', 'two'] } },
      [`(${own} && projectcalico.org/serviceaccount in {"one", "two"})`, undefined],
      ['projectcalico.org/serviceaccount in {"one", "two"}', undefined],
    ],
    [
      { serviceAccounts: { selector: 'has(trust)', names: [] }, selector: a },
      [`(${own} && (has(pcsa.trust) && app == "a"))`, undefined],
      ['(has(pcsa.trust) && app == "a")', undefined],
    ],
    [
      { serviceAccounts: { selector: 'has(trust)', names: ['one'] } },
      [`(${own} && (has(pcsa.trust) && projectcalico.org/serviceaccount in {"one"}))`, undefined],
      ['(has(pcsa.trust) && projectcalico.org/serviceaccount in {"one"})', undefined],
    ],
    [{ serviceAccounts: {} }, [undefined, undefined], [undefined, undefined]],
    [{ nets: ['10.0.0.0/8'] }, [undefined, undefined], [undefined, undefined]],
  ])('%j', (peer, namespaced, global) => {
    expect(selectorsOf(ruleOf({ source: peer }).source)).toEqual(namespaced)
    expect(selectorsOf(ruleOf({ destination: peer }, gnp).destination)).toEqual(global)
  })
})

test('addresses and ports stay as they are written', () => {
  const source = { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] }
  const destination = { ports: [80, '90', '100:200', 'http', 'web-80'], notPorts: [81, '8080-alt'] }
  expect(ruleOf({ protocol: 'TCP', source, destination })).toMatchObject({
    source,
    destination: {
      ports: [{ first: 80, last: 80 }, { first: 90, last: 90 }, { first: 100, last: 200 }, 'http', 'web-80'],
      notPorts: [{ first: 81, last: 81 }, '8080-alt'],
    },
  })
})

test('a Service stands for its ports too, as the destination of egress alone', () => {
  const services = { name: 'api', namespace: 'y' }
  expect(ruleOf({ destination: { services } }).destination.service).toEqual({
    name: 'y/api',
    withPorts: true,
  })
  const { ingress } = draftOf(np({ ingress: [{ action: 'Allow', source: { services } }] }))
  expect(ingress![0]!.source.service).toEqual({ name: 'y/api', withPorts: false })
  expect(ruleOf({ destination: { services: { name: 'api' } } }).destination.service!.name).toBe('/api')
  expect(ruleOf({}).destination.service).toBeUndefined()
})
