import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import type { ModelOptions } from '../../../src/policy/index.ts'
import {
  addresses,
  calico,
  cnp,
  gnp,
  inNamespace,
  knp,
  make,
  np,
  pod,
  port,
  slice,
  tier,
} from './small-cluster.ts'

export interface TrickyCase {
  title: string
  objects: KubernetesObject[]
  options?: ModelOptions
  allowed?: string[]
  denied?: string[]
}

const all = { podSelector: {} }
const fromB = { podSelector: { matchLabels: { app: 'b' } } }
const denyAll = knp({ ...all, ingress: [] })
const allow = { action: 'Allow' }
const deny = { action: 'Deny' }
const pass = { action: 'Pass' }
const from = (source: object, action = allow) => ({ ...action, source })
const selectorB = { selector: "app == 'b'" }
const onA = { selector: "app == 'a'" }
const globalSet = calico(
  'GlobalNetworkSet',
  { name: 'gs', labels: { role: 'db' } },
  { nets: ['203.0.113.0/24'] },
)
const setOf = (namespace: string, role = 'db') =>
  calico('NetworkSet', { name: 's', namespace, labels: { role } }, { nets: ['203.0.113.0/24'] })
const host = (labels: Record<string, string> = {}) =>
  calico('HostEndpoint', { name: 'hep', labels }, { node: 'n2', expectedIPs: [addresses.outside] })
const inside = ['x/b -> x/a TCP/80', 'y/c -> x/a TCP/80']
const everyone = [...inside, 'outside -> x/a TCP/80']

/** What surprises people, by the number it has in the table of tricky cases of Calico v3.32's semantics. */
export const trickyCases: Record<string, TrickyCase> = {
  1: {
    title: 'ingress isolation leaves egress free, and a node reaches its own pods',
    objects: [denyAll],
    denied: ['x/a -> x/b TCP/80', 'y/c -> x/a TCP/80', 'outside -> x/b TCP/80'],
    allowed: ['x/a -> y/c TCP/80', 'x/h -> x/a TCP/80', 'n1 -> x/b TCP/80'],
  },
  2: {
    title: 'egress isolation cuts everything outgoing and nothing incoming',
    objects: [knp({ policyTypes: ['Egress'], egress: [] })],
    denied: ['x/a -> y/c UDP/53', 'x/a -> outside TCP/443'],
    allowed: ['y/c -> x/a TCP/80'],
  },
  3: {
    title: 'an empty egress list without policyTypes isolates ingress only',
    objects: [knp({ egress: [] })],
    denied: ['x/b -> x/a TCP/80'],
    allowed: ['x/a -> x/b TCP/80'],
  },
  4: {
    title: 'podSelector alone means the own namespace',
    objects: [knp({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'c' } } }] }] })],
    denied: ['y/c -> x/a TCP/80'],
  },
  '5 (one item)': {
    title: 'namespaceSelector and podSelector in one item: both must hold',
    objects: [
      knp({
        ingress: [
          { from: [{ namespaceSelector: inNamespace('y'), podSelector: { matchLabels: { app: 'd' } } }] },
        ],
      }),
      pod('y/d', 'n2', { address: '10.0.2.2' }),
      pod('x/d', 'n1', { address: '10.0.1.3' }),
    ],
    allowed: ['y/d -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80', 'x/d -> x/a TCP/80'],
  },
  '5 (two items)': {
    title: 'namespaceSelector and podSelector in two items: either suffices',
    objects: [
      knp({
        ingress: [
          { from: [{ namespaceSelector: inNamespace('y') }, { podSelector: { matchLabels: { app: 'd' } } }] },
        ],
      }),
      pod('x/d', 'n1', { address: '10.0.1.3' }),
    ],
    allowed: ['y/c -> x/a TCP/80', 'x/d -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  6: {
    title: 'an empty from means everyone',
    objects: [knp({ ingress: [{ from: [], ports: [{ port: 80 }] }] })],
    allowed: everyone,
    denied: ['x/b -> x/a TCP/81'],
  },
  7: {
    title: 'a port entry with a protocol alone means all its ports',
    objects: [knp({ ingress: [{ ports: [{ protocol: 'UDP' }] }] })],
    allowed: ['x/b -> x/a UDP/53', 'x/b -> x/a UDP/9999'],
    denied: ['x/b -> x/a TCP/80', 'x/b -> x/a ICMP'],
  },
  8: {
    title: 'a rule with ports leaves ping out',
    objects: [knp({ ingress: [{ from: [fromB], ports: [{ port: 80 }] }] })],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['x/b -> x/a ICMP'],
  },
  9: {
    title: 'policy sees the target port of a Service',
    objects: [knp({ ingress: [{ ports: [{ port: 80 }] }] })],
    denied: ['x/b -> x/a TCP/8080 via service'],
  },
  10: {
    title: 'policy sees the pod behind a Service, never the ClusterIP',
    objects: [
      knp({ policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr: '10.96.0.0/12' } }] }] }),
      slice('x/svc', addresses['x/b']),
    ],
    denied: ['x/a -> x/b TCP/80 via service'],
  },
  11: {
    title: 'except binds its own item only',
    objects: [
      knp({
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.1.2/32'] } }, fromB] }],
      }),
    ],
    allowed: ['x/a -> x/b TCP/80', 'x/a -> y/c TCP/80'],
  },
  '11 (without the item)': {
    title: 'except subtracts',
    objects: [
      knp({
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.1.2/32'] } }] }],
      }),
    ],
    denied: ['x/a -> x/b TCP/80'],
  },
  12: {
    title: 'an ipBlock over the pod network lets every pod in',
    objects: [knp({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/16' } }] }] })],
    allowed: inside,
    denied: ['outside -> x/a TCP/80'],
  },
  14: {
    title: 'a host-network pod is its node: exempt locally, a stranger from another node',
    objects: [denyAll],
    allowed: ['x/h -> x/a TCP/80'],
    denied: ['x/h2 -> x/a TCP/80'],
  },
  15: {
    title: 'no podSelector matches a host-network pod',
    objects: [knp({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'h2' } } }] }] })],
    denied: ['x/h2 -> x/a TCP/80'],
  },
  16: {
    title: 'egress policy comes before the way to the own node',
    objects: [knp({ policyTypes: ['Egress'], egress: [{ to: [fromB] }] })],
    denied: ['x/a -> n1 TCP/22', 'x/a -> x/h TCP/22'],
    allowed: ['x/a -> x/b TCP/80'],
  },
  17: {
    title: 'a pod always reaches itself at its own address',
    objects: [denyAll, knp({ policyTypes: ['Egress'], egress: [] }, 'k2')],
    allowed: ['x/a -> x/a TCP/80'],
  },
  18: {
    title: 'a pod reaches itself through a Service only if policy allows it',
    objects: [denyAll],
    denied: ['x/a -> x/a TCP/80 via service'],
  },
  19: {
    title: 'through a Service to itself, the source is the pod itself',
    objects: [knp({ ingress: [{ from: [fromB] }] })],
    denied: ['x/a -> x/a TCP/80 via service'],
  },
  20: {
    title: 'a Calico policy of order 500 precedes Kubernetes policies',
    objects: [
      np({ ...onA, order: 500, ingress: [from(selectorB, deny)] }),
      knp({ ingress: [{ from: [fromB] }] }),
    ],
    denied: ['x/b -> x/a TCP/80'],
  },
  21: {
    title: 'a Calico policy without an order follows Kubernetes policies',
    objects: [np({ ...onA, ingress: [from(selectorB, deny)] }), knp({ ingress: [{ from: [fromB] }] })],
    allowed: ['x/b -> x/a TCP/80'],
  },
  22: {
    title: 'Log does not decide, and its policy isolates',
    objects: [np({ types: ['Ingress'], ingress: [{ action: 'Log' }] })],
    denied: inside,
  },
  23: {
    title: 'Pass leaves the default tier for the profile',
    objects: [np({ ...onA, order: 1, ingress: [from(selectorB, pass)] }), knp({ ingress: [] })],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80'],
  },
  24: {
    title: 'a global egress rule isolates the egress of every pod and no ingress',
    objects: [
      gnp({ selector: 'all()', egress: [{ ...allow, protocol: 'UDP', destination: { ports: [53] } }] }),
    ],
    allowed: ['x/a -> y/c UDP/53', 'outside -> x/a TCP/80'],
    denied: ['x/a -> y/c TCP/80', 'y/c -> outside TCP/80'],
  },
  '27 (rule)': {
    title: 'all() as a namespaceSelector means what has a namespace: no hosts, no global sets',
    objects: [gnp({ ...onA, ingress: [from({ namespaceSelector: 'all()' })] }), globalSet],
    allowed: inside,
    denied: ['outside -> x/a TCP/80'],
  },
  28: {
    title: 'all() in a rule of a namespaced policy means that namespace',
    objects: [np({ ...onA, ingress: [from({ selector: 'all()' })] }), globalSet],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80', 'outside -> x/a TCP/80'],
  },
  '28 (set)': {
    title: 'a NetworkSet of the same namespace is within all()',
    objects: [np({ ...onA, ingress: [from({ selector: 'all()' })] }), setOf('x')],
    allowed: ['outside -> x/a TCP/80'],
  },
  29: {
    title: 'notSelector alone is limited to the namespace in a namespaced policy',
    objects: [np({ ...onA, ingress: [from({ notSelector: "app == 'bad'" })] })],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80', 'outside -> x/a TCP/80'],
  },
  30: {
    title: 'notSelector alone in a global policy lets the outside match',
    objects: [gnp({ ...onA, ingress: [from({ notSelector: "app == 'b'" })] })],
    allowed: ['y/c -> x/a TCP/80', 'outside -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  31: {
    title: 'a negative selector still means known endpoints',
    objects: [gnp({ ...onA, ingress: [from({ selector: "app != 'b'" })] })],
    allowed: ['y/c -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80', 'outside -> x/a TCP/80'],
  },
  32: {
    title: 'selector and nets must both hold',
    objects: [np({ ...onA, ingress: [from({ ...selectorB, nets: ['0.0.0.0/0'] })] })],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80', 'outside -> x/a TCP/80'],
  },
  33: {
    title: 'projectcalico.org/namespace matches nothing in a namespaceSelector',
    objects: [np({ ...onA, ingress: [from({ namespaceSelector: "projectcalico.org/namespace == 'y'" })] })],
    denied: inside,
  },
  '33 (name)': {
    title: 'projectcalico.org/name does',
    objects: [np({ ...onA, ingress: [from({ namespaceSelector: "projectcalico.org/name == 'y'" })] })],
    allowed: ['y/c -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  34: {
    title: 'global() means network sets and hosts, not pods',
    objects: [
      np({ ...onA, ingress: [from({ namespaceSelector: 'global()', selector: "role == 'db'" })] }),
      globalSet,
    ],
    allowed: ['outside -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  35: {
    title: 'service accounts by name are those of the namespace',
    objects: [
      np({ selector: "app == 'b'", ingress: [from({ serviceAccounts: { names: ['sa1'] } })] }),
      pod('y/d', 'n2', { address: '10.0.2.2', serviceAccount: 'sa1' }),
    ],
    allowed: ['x/a -> x/b TCP/80'],
    denied: ['y/d -> x/b TCP/80', 'y/c -> x/b TCP/80'],
  },
  '35 (labels)': {
    title: 'service accounts can be selected by their labels',
    objects: [
      gnp({ selector: "app == 'b'", ingress: [from({ serviceAccounts: { selector: "trust == 'high'" } })] }),
    ],
    allowed: ['x/a -> x/b TCP/80'],
    denied: ['y/c -> x/b TCP/80'],
  },
  36: {
    title: 'empty serviceAccounts say nothing',
    objects: [np({ ...onA, ingress: [from({ serviceAccounts: {} })] })],
    allowed: everyone,
  },
  37: {
    title: 'a missing label is not equal to anything',
    objects: [gnp({ ...onA, ingress: [from({ selector: "env != 'prod'" })] })],
    allowed: inside,
  },
  38: {
    title: 'in an empty set is nothing, not in it is everything',
    objects: [gnp({ ...onA, ingress: [from({ selector: 'app in {}' })] })],
    denied: inside,
  },
  '38 (not in)': {
    title: 'not in an empty set is everything',
    objects: [gnp({ ...onA, ingress: [from({ selector: 'app not in {}' })] })],
    allowed: inside,
  },
  39: {
    title: 'web-2 sorts before web',
    objects: [np({ ...onA, ingress: [allow] }, 'web'), np({ ...onA, ingress: [deny] }, 'web-2')],
    denied: inside,
  },
  40: {
    title: 'a tier that selects a pod for egress leaves its ingress alone',
    objects: [tier('t', { order: 10 }), np({ ...onA, tier: 't', egress: [{ ...allow, protocol: 'UDP' }] })],
    allowed: inside,
    denied: ['x/a -> x/b TCP/80'],
  },
  41: {
    title: 'a tier with staged policies only changes nothing',
    objects: [
      tier('t', { order: 10 }),
      calico('StagedNetworkPolicy', { name: 's', namespace: 'x' }, { tier: 't', ...onA, ingress: [deny] }),
    ],
    allowed: inside,
  },
  42: {
    title: 'Allow is final, and an earlier tier isolates too',
    objects: [
      tier('t', { order: 10 }),
      np({ ...onA, tier: 't', ingress: [from(selectorB)] }),
      knp({ ingress: [] }),
    ],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80'],
  },
  43: {
    title: 'a tier that passes by default goes on',
    objects: [
      tier('t', { order: 10, defaultAction: 'Pass' }),
      np({ ...onA, tier: 't', ingress: [from(selectorB, deny)] }),
      knp({ ingress: [{}] }),
    ],
    allowed: ['y/c -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  '44 (aaa)': {
    title: 'a tier without an order stands beside default, by name: before',
    objects: [
      tier('aaa'),
      np({ ...onA, tier: 'aaa', ingress: [allow] }),
      np({ ...onA, ingress: [deny] }, 'd'),
    ],
    allowed: inside,
  },
  '44 (zzz)': {
    title: 'a tier without an order stands beside default, by name: after',
    objects: [
      tier('zzz'),
      np({ ...onA, tier: 'zzz', ingress: [allow] }),
      np({ ...onA, ingress: [deny] }, 'd'),
    ],
    denied: inside,
  },
  45: {
    title: 'untracked and pre-DNAT policies do not touch pods',
    objects: [
      gnp({ selector: 'all()', doNotTrack: true, applyOnForward: true, ingress: [deny] }),
      gnp({ selector: 'all()', preDNAT: true, applyOnForward: true, ingress: [deny] }, 'g2'),
    ],
    allowed: everyone,
  },
  48: {
    title: 'a services match reaches the endpoint behind the ClusterIP, at its target port',
    objects: [
      gnp({ ...onA, egress: [{ ...allow, destination: { services: { name: 'api', namespace: 'y' } } }] }),
      slice('y/api', addresses.outside, [{ port: 6443, protocol: 'TCP' }]),
    ],
    allowed: ['x/a -> outside TCP/6443'],
    denied: ['x/a -> outside TCP/443', 'x/a -> y/c TCP/6443'],
  },
  49: {
    title: 'a services match without a namespace matches nothing',
    objects: [
      np({ ...onA, egress: [{ ...allow, destination: { services: { name: 'api' } } }] }),
      slice('x/api', addresses['x/b']),
    ],
    denied: ['x/a -> x/b TCP/80'],
  },
  50: {
    title: 'a named port is each pod its own number',
    objects: [
      gnp({
        ...onA,
        egress: [{ ...allow, protocol: 'TCP', destination: { selector: 'has(app)', ports: ['http'] } }],
      }),
    ],
    allowed: ['x/a -> x/b TCP/8080', 'x/a -> y/c TCP/80'],
    denied: ['x/a -> x/b TCP/80', 'x/a -> y/c TCP/8080'],
  },
  51: {
    title: "a named port's protocol must agree",
    objects: [np({ ...onA, ingress: [{ ...allow, protocol: 'TCP', destination: { ports: ['dns'] } }] })],
    denied: ['x/b -> x/a TCP/53', 'x/b -> x/a UDP/53'],
  },
  52: {
    title: 'a named port exists on endpoints only',
    objects: [
      gnp({ ...onA, egress: [{ ...allow, destination: { nets: ['203.0.113.0/24'], ports: ['http'] } }] }),
    ],
    denied: ['x/a -> outside TCP/80'],
  },
  54: {
    title: 'ICMP by name is IPv4',
    objects: [
      gnp({ selector: "app == 'six'", ingress: [{ ...allow, protocol: 'ICMP' }] }),
      pod('x/six', 'n1', { address: 'fd00::1' }),
    ],
    denied: ['fd01::1 -> x/six ICMPv6'],
  },
  55: {
    title: 'notNets of the other family take a rule away',
    objects: [np({ ...onA, ingress: [from({ notNets: ['fd00::/8'] })] })],
    denied: everyone,
  },
  56: {
    title: 'http is not seen by the kernel',
    objects: [np({ ...onA, ingress: [{ ...allow, http: { methods: ['GET'] } }] })],
    allowed: everyone,
  },
  59: {
    title: 'a pod may not make VXLAN itself',
    objects: [],
    denied: ['x/a -> x/b UDP/4789', 'x/a -> outside 4'],
    allowed: ['x/a -> x/b UDP/4790', 'outside -> x/a UDP/4789'],
  },
  60: {
    title: 'an Admin Deny precedes Kubernetes policies',
    objects: [
      cnp({ ingress: [{ action: 'Deny', from: [{ namespaces: inNamespace('y') }] }] }),
      knp({ ingress: [{ from: [{ namespaceSelector: {} }] }] }),
    ],
    denied: ['y/c -> x/a TCP/80'],
    allowed: ['x/b -> x/a TCP/80'],
  },
  61: {
    title: 'an Admin Pass leaves the Admin tier',
    objects: [
      cnp({ priority: 1, ingress: [{ action: 'Pass', from: [{ namespaces: inNamespace('y') }] }] }, 'c1'),
      cnp({ priority: 2, ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] }, 'c2'),
      knp({ ingress: [{ from: [{ namespaceSelector: inNamespace('y') }] }] }),
    ],
    allowed: ['y/c -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  62: {
    title: 'Baseline counts where the default tier is silent',
    objects: [
      cnp({ tier: 'Baseline', ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] }),
      knp({ ingress: [{ from: [fromB] }] }),
    ],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80', 'x/a -> x/b TCP/80', 'y/c -> x/b TCP/80'],
  },
  63: {
    title: 'Baseline counts per direction',
    objects: [
      cnp({ tier: 'Baseline', ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] }),
      knp({ policyTypes: ['Egress'] }),
    ],
    denied: ['x/b -> x/a TCP/80'],
  },
  64: {
    title: 'an Admin Accept on one side does not help the other',
    objects: [
      cnp({ ingress: [{ action: 'Accept', from: [{ namespaces: inNamespace('y') }] }] }),
      knp({ podSelector: {}, policyTypes: ['Egress'] }, 'k', 'y'),
    ],
    denied: ['y/c -> x/a TCP/80'],
  },
  65: {
    title: 'networks match pod addresses',
    objects: [cnp({ egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }] })],
    denied: ['x/a -> y/c UDP/53', 'x/a -> outside TCP/80'],
  },
  66: {
    title: 'an ingress Deny of all namespaces lets the outside in',
    objects: [cnp({ ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] })],
    denied: inside,
    allowed: ['outside -> x/a TCP/80'],
  },
  67: {
    title: 'a namespaces peer takes network sets along',
    objects: [
      cnp({ ingress: [{ action: 'Accept', from: [{ namespaces: inNamespace('y') }] }] }),
      knp({ ingress: [] }),
      setOf('y'),
    ],
    allowed: ['y/c -> x/a TCP/80', 'outside -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  68: {
    title: 'a Deny with a peer that cannot be converted denies everything',
    objects: [cnp({ egress: [{ action: 'Deny', to: [{ nodes: { matchLabels: { a: 'b' } } }] }] })],
    denied: ['x/a -> y/c TCP/80', 'x/a -> outside TCP/80'],
    allowed: ['y/c -> x/a TCP/80'],
  },
  69: {
    title: 'AdminNetworkPolicy is ignored',
    objects: [
      make(
        'policy.networking.k8s.io/v1alpha1',
        'AdminNetworkPolicy',
        { name: 'a' },
        { spec: { priority: 1 } },
      ),
    ],
    allowed: everyone,
  },
  72: {
    title: 'a finished pod owns no address',
    objects: [
      pod('x/job', 'n1', { address: '10.0.1.9', phase: 'Succeeded', labels: { app: 'b' } }),
      pod('y/new', 'n2', { address: '10.0.1.9' }),
      knp({ ingress: [{ from: [fromB] }] }),
    ],
    denied: ['10.0.1.9 -> x/a TCP/80'],
  },
  73: {
    title: "Calico's implicit labels can be selected",
    objects: [
      knp({
        podSelector: {},
        ingress: [
          { from: [{ podSelector: { matchLabels: { 'projectcalico.org/serviceaccount': 'sa1' } } }] },
        ],
      }),
    ],
    allowed: ['x/a -> x/b TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  74: {
    title: 'a podSelector alone does not reach the DNS pods of another namespace',
    objects: [
      knp({ policyTypes: ['Egress'], egress: [{ to: [{ podSelector: { matchLabels: { app: 'dns' } } }] }] }),
      pod('kube-system/dns', 'n2', { address: '10.0.2.53' }),
    ],
    denied: ['x/a -> kube-system/dns UDP/53'],
  },
  75: {
    title: 'rules of a direction that types leave out are inert',
    objects: [np({ ...onA, types: ['Ingress'], ingress: [allow], egress: [deny] })],
    allowed: [...inside, 'x/a -> x/b TCP/80'],
  },
  76: {
    title: 'allow rules of two policies add up',
    objects: [
      knp({ ingress: [{ from: [fromB] }] }, 'k1'),
      knp({ ingress: [{ from: [{ namespaceSelector: inNamespace('y') }] }] }, 'k2'),
    ],
    allowed: inside,
    denied: ['outside -> x/a TCP/80'],
  },
  78: {
    title: 'a negative namespaceSelector lets hosts and global sets in',
    objects: [gnp({ ...onA, ingress: [from({ namespaceSelector: "team != 'a'" })] }), globalSet],
    allowed: ['y/c -> x/a TCP/80', 'outside -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  '78 (host)': {
    title: 'a HostEndpoint is a peer by its expected addresses',
    objects: [
      gnp({ ...onA, ingress: [from({ namespaceSelector: "team != 'a'", selector: 'has(h)' })] }),
      host({ h: '1' }),
    ],
    allowed: ['outside -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80'],
  },
  79: {
    title: 'nets add no limit to the namespace',
    objects: [np({ ...onA, ingress: [from({ nets: ['10.0.0.0/8'] })] })],
    allowed: inside,
    denied: ['outside -> x/a TCP/80'],
  },
  80: {
    title: 'of equal name and order, the global policy comes first',
    objects: [
      gnp({ ...onA, order: 5, ingress: [deny] }, 'same'),
      np({ ...onA, order: 5, ingress: [allow] }, 'same'),
    ],
    denied: inside,
  },
  81: {
    title: 'destination narrows the subject of an ingress rule',
    objects: [np({ selector: 'all()', ingress: [{ ...allow, destination: { selector: "role == 'db'" } }] })],
    allowed: ['x/a -> x/b TCP/80'],
    denied: ['x/b -> x/a TCP/80'],
  },
  82: {
    title: 'the first rule that matches decides',
    objects: [
      np({
        ...onA,
        ingress: [{ ...allow, protocol: 'TCP', source: selectorB, destination: { ports: [80] } }, deny],
      }),
    ],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/81'],
  },
  83: {
    title: 'a policy of a tier that does not exist comes last and denies at its end',
    objects: [np({ ...onA, tier: 'gone', ingress: [from(selectorB)] })],
    allowed: ['x/b -> x/a TCP/80'],
    denied: ['y/c -> x/a TCP/80'],
  },
  84: {
    title: 'DNS served by a host-network pod is no pod peer',
    objects: [
      knp({
        policyTypes: ['Egress'],
        egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }],
      }),
    ],
    denied: ['x/a -> x/h2 UDP/53'],
  },
  85: {
    title: 'between pods the source is the pod, not its node',
    objects: [knp({ ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.3/32' } }] }] })],
    denied: ['y/c -> x/a TCP/80'],
    allowed: ['x/h2 -> x/a TCP/80'],
  },
  86: {
    title: 'a services match takes unready endpoints too',
    objects: [
      gnp({ ...onA, egress: [{ ...allow, destination: { services: { name: 'api', namespace: 'y' } } }] }),
      {
        ...slice('y/api', addresses['y/c']),
        endpoints: [{ addresses: [addresses['y/c']], conditions: { ready: false } }],
      },
    ],
    allowed: ['x/a -> y/c TCP/80'],
  },
  'tunnel source': {
    title: 'with encapsulation a node talks from its tunnel address',
    objects: [knp({ ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.3/32' } }] }] })],
    options: { encapsulated: true },
    denied: ['x/h2 -> x/a TCP/80'],
  },
  'host action': {
    title: 'DefaultEndpointToHostAction Drop closes the own node, not another',
    objects: [],
    options: { endpointToHost: 'drop' },
    denied: ['x/a -> n1 TCP/22'],
    allowed: ['x/a -> n2 TCP/22'],
  },
  'init container port': {
    title: 'an unnamed protocol takes any named port',
    objects: [
      np({ ...onA, ingress: [{ ...allow, destination: { ports: ['dns', 'http'] } }] }),
      pod('x/z', 'n1', { address: '10.0.1.8', ports: [port('http', 1)] }),
    ],
    allowed: ['x/b -> x/a UDP/53', 'x/b -> x/a TCP/80'],
    denied: ['x/b -> x/a TCP/53'],
  },
}
