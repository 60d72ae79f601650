import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { calico, cnp, gnp, inNamespace, knp, make, np, pod, port, slice, tier } from '../small-cluster.ts'

type Objects = KubernetesObject[]

const allow = { action: 'Allow' }
const deny = { action: 'Deny' }
const onA = { selector: "app == 'a'" }
const tcp = { ...allow, protocol: 'TCP' }
const everyPod = { namespaceSelector: {}, podSelector: {} }
const staged = (kind: string, spec: object) => calico(kind, { name: 's', namespace: 'x' }, { ...spec })
const from = (peer: object, more: object = {}) =>
  np({ ...onA, types: ['Ingress'], ingress: [{ ...allow, ...more, source: peer }] })
const to = (peer: object, more: object = {}) =>
  np({ ...onA, types: ['Egress'], egress: [{ ...allow, ...more, destination: peer }] }, 'out')
const block = (cidr: string, except?: string[]) => ({ ipBlock: { cidr, ...(except && { except }) } })
const ingressOf = (...peers: object[]) => knp({ policyTypes: ['Ingress'], ingress: [{ from: peers }] })
const egressOf = (...peers: object[]) => knp({ policyTypes: ['Egress'], egress: [{ to: peers }] })
const dns = make(
  'v1',
  'Pod',
  { name: 'dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  {
    status: { podIP: '10.0.2.53', phase: 'Running' },
  },
)
const six = make(
  'v1',
  'Pod',
  { name: 'six', namespace: 'x', labels: { app: 'a' } },
  {
    status: { podIP: '10.0.1.66', podIPs: [{ ip: '10.0.1.66' }, { ip: 'fd00::66' }] },
  },
)
const service = (spec: object, name = 'api', namespace = 'y') =>
  make('v1', 'Service', { name, namespace }, { spec })

/**
 * What each lint rule is asked beside its examples: the other direction, the other kinds, and what is nearly a finding.
 * By rule: a title, and the policies on top of the small cluster.
 */
export const variants: Record<string, Record<string, Objects>> = {
  'allow-all-ingress': {
    'of a Kubernetes policy': [knp({ ingress: [{}] })],
    'an empty list of peers is another finding': [knp({ ingress: [{ from: [] }] })],
    'not a Pass or a Deny': [np({ ...onA, ingress: [deny, { action: 'Pass' }, { action: 'Log' }] })],
    'not with a protocol, a family, ICMP': [
      np({
        ...onA,
        ingress: [
          tcp,
          { ...allow, ipVersion: 4 },
          { ...allow, notProtocol: 'UDP' },
          { ...allow, notICMP: { type: 8 } },
        ],
      }),
    ],
    'with peers that say nothing': [
      np({ ...onA, ingress: [{ ...allow, source: {}, destination: { nets: [] } }] }),
    ],
    'not with peers': [
      from({ nets: ['10.0.0.0/8'] }),
      gnp({ ...onA, ingress: [{ ...allow, destination: { ports: ['http'] } }] }),
    ],
    'not egress': [np({ ...onA, types: ['Egress'], egress: [allow] })],
  },
  'allow-all-egress': {
    'of a Kubernetes policy': [knp({ policyTypes: ['Egress'], egress: [{}] })],
    'an empty list of peers is another finding': [knp({ egress: [{ to: [] }] })],
    'not ingress': [np({ ...onA, ingress: [allow] })],
  },
  'broken-selector-broadens': {
    'in every place that is read apart': [
      gnp({
        namespaceSelector: 'a',
        serviceAccountSelector: 'b',
        egress: [{ ...allow, destination: { serviceAccounts: { selector: 'c' } } }],
      }),
      from({ namespaceSelector: 'd', selector: 'e', notSelector: 'f' }),
    ],
  },
  'broken-selector-drops': {
    'in every place of its own': [
      np({ selector: 'a', ingress: [{ ...allow, source: { selector: 'e', notSelector: 'f' } }] }),
    ],
    'not in the kinds of Kubernetes': [knp({ selector: 'a' }), cnp({ selector: 'a' })],
  },
  'calico-only-label': {
    'as a key, in either selector and in the subject': [
      knp({
        podSelector: { matchLabels: { 'projectcalico.org/orchestrator': 'k8s' } },
        egress: [
          {
            to: [
              { podSelector: { matchExpressions: [{ key: 'pcns.team', operator: 'Exists' }] } },
              {
                namespaceSelector: {
                  matchLabels: { 'pcsa.trust': 'high', 'my.projectcalico.org/name': 'x' },
                },
              },
            ],
          },
        ],
      }),
    ],
    'not in the kinds of Calico': [from({ selector: 'has(projectcalico.org/namespace)' })],
    'nor in its staged form of Kubernetes': [
      staged('StagedKubernetesNetworkPolicy', {
        podSelector: { matchLabels: { 'projectcalico.org/name': 'x' } },
      }),
    ],
    'not as a value, and not what only begins like one': [
      knp({
        podSelector: { matchLabels: { about: 'pcns.team', 'projectcalico.org/names': 'x' } },
        ingress: [
          {
            from: [
              {
                podSelector: {
                  matchExpressions: [{ key: 'about', operator: 'In', values: ['projectcalico.org/name'] }],
                },
              },
            ],
          },
        ],
      }),
    ],
  },
  'calico-types-omitted': {
    'of both directions, and of a deletion': [
      np({ ingress: [allow], egress: [allow] }),
      staged('StagedNetworkPolicy', { stagedAction: 'Delete' }),
      knp({}),
      gnp({ types: ['Egress'] }),
    ],
    'an empty list is none': [np({ types: [] })],
  },
  'cluster-deny-leaves-outside': {
    'not with protocols, labels, an Accept or egress': [
      cnp(
        {
          ingress: [
            {
              ...deny,
              from: [{ namespaces: {} }],
              protocols: [{ tcp: { destinationPort: { range: { start: 1, end: 65535 } } } }],
            },
          ],
        },
        'c1',
      ),
      cnp({ ingress: [{ ...deny, from: [{ namespaces: inNamespace('y') }, { pods: everyPod }] }] }, 'c2'),
      cnp({ ingress: [{ action: 'Accept', from: [{ namespaces: {} }] }] }, 'c3'),
      cnp({ egress: [{ ...deny, to: [{ namespaces: {} }] }] }, 'c4'),
      cnp({}, 'c5'),
    ],
    'one peer of several suffices': [
      cnp({
        ingress: [
          { action: 'Pass', from: [{ namespaces: {} }] },
          { ...deny, from: [{ namespaces: inNamespace('y') }, { namespaces: {} }] },
        ],
      }),
    ],
    'not of what no cluster policy is': [knp({ ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] })],
  },
  'deny-block-over-pods': {
    'of Calico, on either side': [
      np({
        ...onA,
        types: ['Ingress', 'Egress'],
        ingress: [{ ...deny, source: { nets: ['192.168.0.0/16'] } }],
        egress: [{ ...deny, destination: { nets: ['192.168.7.1/32'] } }],
      }),
    ],
    'not where pods are let past before': [
      np({
        ...onA,
        types: ['Egress'],
        egress: [
          { ...allow, destination: { selector: 'all()' } },
          { ...deny, destination: { nets: ['0.0.0.0/0'] } },
        ],
      }),
      cnp({
        egress: [
          { action: 'Accept', to: [{ namespaces: {} }] },
          { ...deny, to: [{ networks: ['0.0.0.0/0'] }] },
        ],
      }),
      cnp(
        {
          egress: [
            { action: 'Pass', to: [{ pods: everyPod }] },
            { ...deny, to: [{ networks: ['0.0.0.0/0'] }] },
          ],
        },
        'c2',
      ),
    ],
    'where it only seems so': [
      np(
        {
          ...onA,
          types: ['Egress'],
          egress: [
            { action: 'Log', destination: { selector: 'all()' } },
            { ...deny, destination: { nets: ['0.0.0.0/0'] } },
          ],
        },
        'logs',
      ),
      np(
        {
          ...onA,
          types: ['Egress'],
          egress: [
            { ...deny, destination: { namespaceSelector: 'all()' } },
            { ...deny, destination: { nets: ['0.0.0.0/0'] } },
          ],
        },
        'denies',
      ),
      np(
        { ...onA, types: ['Egress'], egress: [tcp, { ...deny, destination: { nets: ['0.0.0.0/0'] } }] },
        'anyone',
      ),
      np(
        {
          ...onA,
          types: ['Egress'],
          egress: [
            { ...deny, destination: { nets: ['0.0.0.0/0'] } },
            { ...allow, destination: { selector: 'all()' } },
          ],
        },
        'late',
      ),
    ],
    'not an Allow, not with pods taken out, not elsewhere': [
      to({ nets: ['10.0.0.0/8'] }),
      np(
        {
          ...onA,
          types: ['Egress'],
          egress: [
            { ...deny, destination: { nets: ['0.0.0.0/0'], notNets: ['10.0.0.0/8', '192.168.0.0/16'] } },
          ],
        },
        'n2',
      ),
      np(
        { ...onA, types: ['Egress'], egress: [{ ...deny, destination: { nets: ['203.0.113.0/24'] } }] },
        'n3',
      ),
    ],
  },
  'dns-blocked': {
    'not where one of two DNS pods can be asked': [
      dns,
      make(
        'v1',
        'Pod',
        { name: 'other', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
        { status: { podIP: '10.0.2.54', phase: 'Running' } },
      ),
      to({ nets: ['10.0.2.54/32'] }),
    ],
    'by rules, for two pods': [
      gnp({
        selector: "app == 'a' || app == 'b'",
        types: ['Egress'],
        egress: [
          { ...deny, destination: { ports: ['dns', 'dns-tcp'] } },
          { ...deny, protocol: 'UDP' },
          allow,
        ],
      }),
    ],
    'not where nothing at all is open': [np({ ...onA, types: ['Egress'], egress: [deny] })],
    'not where UDP passes': [np({ ...onA, types: ['Egress'], egress: [{ ...allow, protocol: 'UDP' }] })],
    'not by a staged policy': [staged('StagedNetworkPolicy', { ...onA, types: ['Egress'] })],
    'not of the DNS pod itself': [dns, gnp({ selector: "k8s-app == 'kube-dns'", types: ['Egress'] })],
    'not where TCP passes': [np({ ...onA, types: ['Egress'], egress: [tcp] })],
    'by two policies': [
      np({ ...onA, types: ['Egress'], egress: [{ ...tcp, destination: { ports: [443] } }] }, 'one'),
      np(
        { selector: "app == 'b'", types: ['Egress'], egress: [{ ...tcp, destination: { ports: [443] } }] },
        'two',
      ),
    ],
    'by a tier that passes, whatever governs ingress': [
      tier('t', { order: 1, defaultAction: 'Pass' }),
      np({
        ...onA,
        tier: 't',
        types: ['Egress'],
        egress: [
          { ...deny, protocol: 'UDP' },
          { ...tcp, action: 'Deny', destination: { ports: [53] } },
        ],
      }),
      knp({ policyTypes: ['Ingress'] }),
    ],
    'by a tier before one that opens something, by a policy beside one that does': [
      tier('t', { order: 1 }),
      np(
        {
          ...onA,
          tier: 't',
          types: ['Egress'],
          egress: [{ ...deny, destination: { ports: ['dns', 'dns-tcp'] } }, { action: 'Pass' }],
        },
        'early',
      ),
      np({ ...onA, types: ['Egress'] }, 'closed'),
      np({ ...onA, types: ['Egress'], egress: [{ ...tcp, destination: { ports: [443] } }] }, 'open'),
    ],
    'not where everything is closed behind a tier that passes': [
      tier('t', { order: 1, defaultAction: 'Pass' }),
      np({ ...onA, tier: 't', types: ['Egress'], egress: [{ ...deny, protocol: 'UDP' }] }),
      knp({ policyTypes: ['Egress'] }),
    ],
    'not of pods that have no address of its family': [
      dns,
      make(
        'v1',
        'Pod',
        { name: 'only', namespace: 'x', labels: { app: 'only' } },
        { status: { podIPs: [{ ip: 'fd00::67' }] } },
      ),
      np({
        selector: "app == 'only'",
        types: ['Egress'],
        egress: [{ ...tcp, destination: { ports: [443] } }],
      }),
    ],
  },
  'dns-server-closed': {
    'by a policy of its namespace': [
      dns,
      knp({ podSelector: {}, policyTypes: ['Ingress'] }, 'closed', 'kube-system'),
    ],
    'open to one namespace is not closed to all': [
      dns,
      knp(
        {
          podSelector: {},
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ namespaceSelector: inNamespace('x') }] }],
        },
        'half',
        'kube-system',
      ),
    ],
    'not where UDP is let in': [
      dns,
      knp({ podSelector: {}, ingress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] }, 'open', 'kube-system'),
    ],
    'not by egress': [dns, knp({ podSelector: {}, policyTypes: ['Egress'] }, 'egress', 'kube-system')],
    'not to pods beside it alone': [
      dns,
      pod('kube-system/proxy', 'n1', { address: '10.0.1.53' }),
      knp(
        {
          podSelector: {},
          ingress: [
            { from: [{ namespaceSelector: inNamespace('x') }, { namespaceSelector: inNamespace('y') }] },
          ],
        },
        'others',
        'kube-system',
      ),
    ],
    'by a rule': [
      dns,
      np({ types: ['Ingress'], ingress: [allow, deny] }, 'open', 'kube-system'),
      np({ order: 1, types: ['Ingress'], ingress: [tcp, deny] }, 'closed', 'kube-system'),
    ],
    'not to another pod beside it': [
      dns,
      pod('kube-system/proxy', 'n1', { address: '10.0.1.53' }),
      knp(
        {
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          ingress: [
            { from: [{ namespaceSelector: inNamespace('x') }, { namespaceSelector: inNamespace('y') }] },
          ],
        },
        'others',
        'kube-system',
      ),
    ],
  },
  'dns-to-nobody': {
    'in the own namespace': [to({ selector: 'all()', ports: [53] }, { protocol: 'UDP' })],
    'not where a selector finds nobody at all': [
      to({ selector: "k8s-app == 'kube-dns'", ports: [53] }, { protocol: 'UDP' }),
    ],
    'not where one peer of several is right': [
      knp({
        egress: [
          {
            to: [{ podSelector: {} }, { namespaceSelector: {} }],
            ports: [{ protocol: 'UDP', port: 53 }, { port: 53 }],
          },
        ],
      }),
    ],
    'not of other ports, of ingress, of Deny': [
      to({ selector: 'all()', ports: [53, 54] }, { protocol: 'UDP' }),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, protocol: 'UDP', destination: { ports: [53] } }],
        },
        'n2',
      ),
      np(
        {
          ...onA,
          types: ['Egress'],
          egress: [{ ...deny, protocol: 'UDP', destination: { selector: 'all()', ports: [53] } }],
        },
        'n3',
      ),
      np(
        {
          ...onA,
          types: ['Egress'],
          egress: [{ ...allow, protocol: 'UDP', destination: { selector: 'all()', ports: ['50:53'] } }],
        },
        'n4',
      ),
    ],
    'not of a policy that selects nobody': [
      np({
        selector: "app == 'none'",
        types: ['Egress'],
        egress: [{ ...allow, protocol: 'UDP', destination: { selector: 'all()', ports: [53] } }],
      }),
    ],
    'addresses of no DNS pod': [to({ nets: ['203.0.113.0/24'], ports: [53] }, { protocol: 'TCP' })],
    'not of a range': [to({ selector: 'all()', ports: ['53:54'] }, { protocol: 'UDP' })],
    'each rule by itself': [
      np({
        ...onA,
        types: ['Ingress', 'Egress'],
        ingress: [{ ...allow, protocol: 'UDP', source: { namespaceSelector: 'all()' } }],
        egress: [
          { ...allow, protocol: 'UDP', destination: { selector: 'all()', ports: [53] } },
          { ...tcp, destination: { namespaceSelector: 'all()' } },
        ],
      }),
      np(
        { ...onA, types: ['Egress'], egress: [{ ...allow, destination: { namespaceSelector: 'all()' } }] },
        'other',
      ),
    ],
    'not where a HostEndpoint alone could ask': [
      calico('HostEndpoint', { name: 'h', labels: { role: 'host' } }, { node: 'n1', interfaceName: '*' }),
      gnp({
        selector: "role == 'host'",
        types: ['Egress'],
        egress: [{ ...allow, protocol: 'UDP', destination: { selector: "app == 'b'", ports: [53] } }],
      }),
    ],
    'not where one of two DNS pods is meant, or the DNS pod itself asks': [
      dns,
      make(
        'v1',
        'Pod',
        { name: 'other', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
        { status: { podIP: '10.0.2.54', phase: 'Running' } },
      ),
      to({ nets: ['10.0.2.54/32'], ports: [53] }, { protocol: 'UDP' }),
      np(
        {
          selector: "k8s-app == 'kube-dns'",
          types: ['Egress'],
          egress: [{ ...allow, protocol: 'UDP', destination: { nets: ['203.0.113.53/32'], ports: [53] } }],
        },
        'upstream',
        'kube-system',
      ),
    ],
    'not where the DNS pod alone asks somebody else': [
      dns,
      np(
        {
          selector: 'all()',
          types: ['Egress'],
          egress: [{ ...allow, protocol: 'UDP', destination: { nets: ['203.0.113.53/32'], ports: [53] } }],
        },
        'upstream',
        'kube-system',
      ),
    ],
  },
  'dns-udp-only': {
    'over TCP only': [
      np({
        ...onA,
        types: ['Egress'],
        egress: [{ ...tcp, destination: { namespaceSelector: 'all()', ports: [53] } }],
      }),
    ],
    'not where both pass or neither': [
      np({ ...onA, types: ['Egress'], egress: [allow] }),
      np({ selector: "app == 'b'", types: ['Egress'] }, 'n2'),
    ],
  },
  'duplicate-policy': {
    'twice, thrice, and in the default namespace': [
      np({}, 'n', 'default'),
      make('projectcalico.org/v3', 'NetworkPolicy', { name: 'n' }, { spec: {} }),
      np({}, 'n', 'default'),
      np({}, 'n', 'x'),
      knp({}, 'n', 'default'),
      gnp({}, 'n'),
    ],
  },
  'empty-egress-without-type': {
    'of Calico, in either form': [
      np({ egress: [] }),
      staged('StagedKubernetesNetworkPolicy', { egress: [] }),
    ],
    'not with types, rules or without the list': [
      knp({ policyTypes: ['Egress'], egress: [] }, 'k1'),
      knp({ egress: [{}] }, 'k2'),
      knp({ ingress: [] }, 'k3'),
    ],
  },
  'empty-peer-list': {
    'of egress, and the second rule': [
      knp({
        ingress: [{ from: [{ podSelector: {} }] }, { from: [] }],
        egress: [{ to: [] }, { to: null }, {}],
      }),
    ],
    'not in the kinds of Calico': [np({ ingress: [{ ...allow, source: {} }] })],
  },
  'empty-service-accounts': {
    'on both sides and in both directions': [
      np({
        types: ['Ingress', 'Egress'],
        ingress: [
          { ...allow, source: { serviceAccounts: { names: [] } }, destination: { serviceAccounts: {} } },
        ],
        egress: [deny, { ...allow, destination: { serviceAccounts: { selector: '' } } }],
      }),
    ],
    'not with names or a selector': [
      from({ serviceAccounts: { names: ['a'] } }),
      gnp({ ingress: [{ ...allow, source: { serviceAccounts: { selector: 'has(a)' } } }] }),
    ],
  },
  'except-without-effect': {
    'not by a rule for everybody but some': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      np(
        { ...onA, types: ['Ingress'], ingress: [{ ...allow, source: { notNets: ['192.0.2.0/24'] } }] },
        'nets',
      ),
      gnp(
        { ...onA, types: ['Ingress'], ingress: [{ ...allow, source: { notSelector: 'has(app)' } }] },
        'labels',
      ),
    ],
    'not by labels beside a block': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { selector: "app == 'b'", nets: ['10.0.1.0/24'] } }],
        },
        'both',
      ),
    ],
    'of IPv6': [
      six,
      knp({ ingress: [{ from: [block('fd00::/8', ['fd00::/64'])] }] }),
      knp({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'a' } } }] }] }, 'other'),
    ],
    'by another policy': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      knp({ ingress: [{ from: [block('10.0.1.2/32')] }] }, 'other'),
    ],
    'by a rule for everybody': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      knp({ ingress: [{ ports: [{ port: 80 }] }] }, 'other'),
    ],
    'by the labels of a pod in it': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      knp({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'b' } } }] }] }, 'other'),
    ],
    'not where the exception is wide, as it is meant': [
      ingressOf(block('0.0.0.0/0', ['10.0.0.0/8'])),
      knp({ ingress: [{ from: [{ podSelector: {} }] }] }, 'other'),
    ],
    'not for other pods, directions, protocols, ports or tiers': [
      knp({ ingress: [{ from: [block('10.0.0.0/8', ['10.0.1.0/24'])], ports: [{ port: 80 }] }] }),
      knp(
        { podSelector: { matchLabels: { app: 'b' } }, ingress: [{ from: [block('10.0.1.2/32')] }] },
        'pods',
      ),
      knp({ policyTypes: ['Egress'], egress: [{ to: [block('10.0.1.2/32')] }] }, 'directions'),
      knp(
        { ingress: [{ from: [block('10.0.1.2/32')], ports: [{ protocol: 'UDP', port: 80 }] }] },
        'protocols',
      ),
      knp({ ingress: [{ from: [block('10.0.1.2/32')], ports: [{ port: 81, endPort: 90 }] }] }, 'ports'),
      knp({ ingress: [{ from: [block('10.0.2.0/24')] }] }, 'elsewhere'),
      knp({ ingress: [{ from: [block('10.0.0.0/16', ['10.0.1.0/24'])] }] }, 'except'),
      tier('t', { order: 1 }),
      np(
        { ...onA, tier: 't', types: ['Ingress'], ingress: [{ ...allow, source: { nets: ['10.0.1.2/32'] } }] },
        'tiers',
      ),
      np({ ...onA, types: ['Ingress'], ingress: [{ ...deny, source: { nets: ['10.0.1.2/32'] } }] }, 'denies'),
    ],
    'where ports touch': [
      knp({
        ingress: [{ from: [block('10.0.0.0/8', ['10.0.1.0/24'])], ports: [{ port: 80, endPort: 90 }] }],
      }),
      knp({ ingress: [{ from: [block('10.0.1.2/32')], ports: [{ port: 90 }] }] }, 'last'),
    ],
    'a smaller exception beside it': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      knp({ ingress: [{ from: [block('10.0.0.0/16', ['10.0.1.0/25'])] }] }, 'smaller'),
    ],
    'not by a staged policy': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      staged('StagedKubernetesNetworkPolicy', {
        podSelector: {},
        ingress: [{ from: [block('10.0.1.2/32')] }],
      }),
    ],
    'each exception, and each peer': [
      knp({
        ingress: [
          {
            from: [block('10.0.0.0/8', ['10.0.1.0/24', '10.0.2.0/24']), block('10.0.0.0/9', ['10.0.1.0/24'])],
          },
        ],
      }),
      knp({ ingress: [{ from: [block('10.0.1.2/32'), block('10.0.2.2/32')] }] }, 'other'),
    ],
    'by one of several blocks': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { nets: ['192.0.2.0/24', '10.0.1.2/32'] } }],
        },
        'other',
      ),
    ],
    'not where the exception of IPv6 is wide': [
      six,
      knp({ ingress: [{ from: [block('fd00::/8', ['fd00::/48'])] }] }),
      knp({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'a' } } }] }] }, 'other'),
    ],
    'not by the labels of a pod elsewhere': [
      ingressOf(block('10.0.0.0/8', ['10.0.1.0/24'])),
      knp({ ingress: [{ from: [{ namespaceSelector: inNamespace('y') }] }] }, 'other'),
    ],
    'not where both govern a set of addresses and no pod': [
      calico(
        'NetworkSet',
        { name: 'set', namespace: 'x', labels: { app: 'set' } },
        { nets: ['192.0.2.0/24'] },
      ),
      np({
        selector: "app == 'set'",
        types: ['Ingress'],
        ingress: [{ ...allow, source: { nets: ['10.0.0.0/8'], notNets: ['10.0.1.0/24'] } }],
      }),
      np(
        {
          selector: "app == 'set'",
          types: ['Ingress'],
          ingress: [{ ...allow, source: { nets: ['10.0.1.2/32'] } }],
        },
        'other',
      ),
    ],
    'by a rule of every port, of every protocol': [
      knp({
        ingress: [{ from: [block('10.0.0.0/8', ['10.0.1.0/24'])], ports: [{ port: 80 }, { port: 85 }] }],
      }),
      knp({ ingress: [{ from: [block('10.0.1.2/32')], ports: [{ protocol: 'TCP' }] }] }, 'ports'),
    ],
    'by a rule without a protocol': [
      knp({ ingress: [{ from: [block('10.0.0.0/8', ['10.0.1.0/24'])], ports: [{ port: 80 }] }] }),
      knp({ ingress: [{ from: [block('10.0.1.2/32')] }] }, 'protocols'),
    ],
    'by one of several ports': [
      knp({
        ingress: [{ from: [block('10.0.0.0/8', ['10.0.1.0/24'])], ports: [{ port: 80 }, { port: 85 }] }],
      }),
      knp({ ingress: [{ from: [block('10.0.1.2/32')], ports: [{ port: 85 }, { port: 99 }] }] }, 'other'),
    ],
    'not by ports below': [
      knp({ ingress: [{ from: [block('10.0.0.0/8', ['10.0.1.0/24'])], ports: [{ port: 80 }] }] }),
      knp({ ingress: [{ from: [block('10.0.1.2/32')], ports: [{ port: 79 }] }] }, 'other'),
    ],
  },
  'exception-drops-rule': {
    'of IPv6 alone, and with blocks beside': [
      six,
      from({ notNets: ['10.9.0.0/16'] }),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { nets: ['10.0.0.0/8'], notNets: ['10.9.0.0/16'] } }],
        },
        'n2',
      ),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, ipVersion: 4, source: { notNets: ['10.9.0.0/16'] } }],
        },
        'n3',
      ),
      np({ ...onA, types: ['Ingress'], ingress: [{ ...allow, protocol: 'ICMP' }] }, 'n4'),
    ],
    'not where the pods have no such address': [from({ notNets: ['10.9.0.0/16'] })],
    'not in Kubernetes': [six, ingressOf(block('10.0.0.0/8', ['10.9.0.0/16']))],
    'not where only other pods have such an address': [
      six,
      np({
        selector: "app == 'b'",
        types: ['Ingress'],
        ingress: [{ ...allow, source: { notNets: ['10.9.0.0/16'] } }],
      }),
    ],
  },
  'experimental-peer': {
    'of domain names, dropped or denied': [
      cnp({
        egress: [
          { action: 'Accept', to: [{ namespaces: {} }, { domainNames: ['example.org'] }] },
          { action: 'Pass', to: [{ nodes: {} }] },
        ],
      }),
      cnp({ ingress: [deny] }, 'c2'),
      cnp({}, 'c3'),
    ],
    'not of what no cluster policy is': [knp({ egress: [{ to: [{ nodes: {} }] }] })],
  },
  'global-policy-on-hosts': {
    'a HostEndpoint that is given': [
      calico('HostEndpoint', { name: 'edge', labels: { role: 'edge' } }, { node: 'n1', interfaceName: '*' }),
      gnp({ selector: "role == 'edge'", types: ['Ingress'] }),
    ],
    'not on purpose, not where only pods can be meant': [
      gnp({ applyOnForward: true }, 'g1'),
      gnp({ selector: '!has(projectcalico.org/namespace)' }, 'g2'),
      gnp({ selector: '!has(projectcalico.org/orchestrator)' }, 'g3'),
      gnp({ selector: 'has(app)' }, 'g4'),
      np({}),
      cnp({}),
    ],
  },
  'global-set-from-namespace': {
    'by labels of the set': [
      calico('GlobalNetworkSet', { name: 'set', labels: { role: 'bad' } }, { nets: ['192.0.2.0/24'] }),
      from({ selector: "role == 'bad'" }),
    ],
    'not where something is found, or the namespace is open': [
      calico(
        'GlobalNetworkSet',
        { name: 'set', labels: { role: 'bad', app: 'b' } },
        { nets: ['192.0.2.0/24'] },
      ),
      calico('GlobalNetworkSet', { name: 'bare' }, { nets: ['192.0.2.0/24'] }),
      from({ selector: "app == 'b'" }),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { namespaceSelector: 'global()', selector: "role == 'bad'" } }],
        },
        'n2',
      ),
      np(
        { ...onA, types: ['Ingress'], ingress: [{ ...allow, source: { selector: "role == 'worse'" } }] },
        'n3',
      ),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [
            {
              ...allow,
              source: { namespaceSelector: "projectcalico.org/name == 'y'", selector: "role == 'bad'" },
            },
          ],
        },
        'n4',
      ),
      gnp({ ...onA, types: ['Ingress'], ingress: [{ ...allow, source: { selector: "role == 'bad'" } }] }),
    ],
    'not where every namespace is meant, or no labels are': [
      calico('GlobalNetworkSet', { name: 'set', labels: { role: 'bad' } }, { nets: ['192.0.2.0/24'] }),
      from({ namespaceSelector: 'all()', selector: "role == 'bad'" }),
      make('v1', 'Namespace', { name: 'empty' }),
      np({ types: ['Ingress'], ingress: [{ ...allow, source: { selector: 'all()' } }] }, 'n2', 'empty'),
    ],
  },
  'host-network-not-covered': {
    'of a service account': [
      make(
        'v1',
        'Pod',
        { name: 'agent', labels: { app: 'agent' } },
        { spec: { hostNetwork: true, serviceAccountName: 'robot' }, status: { podIP: '172.18.0.2' } },
      ),
      gnp({
        selector: 'all()',
        serviceAccountSelector: "projectcalico.org/name == 'robot'",
        types: ['Ingress'],
      }),
    ],
    'not of others': [knp({ podSelector: { matchLabels: { app: 'a' } } })],
    'of the service account and the namespace default; of pods alone': [
      make(
        'v1',
        'Pod',
        { name: 'agent', labels: { app: 'agent' } },
        { spec: { hostNetwork: true }, status: { podIP: '172.18.0.2' } },
      ),
      make(
        'example.com/v1',
        'Machine',
        { name: 'machine', labels: { app: 'agent' } },
        { spec: { hostNetwork: true } },
      ),
      gnp({
        selector: "app == 'agent'",
        serviceAccountSelector: "projectcalico.org/name == 'default'",
        types: ['Ingress'],
      }),
      np({ selector: "app == 'agent'", types: ['Ingress'] }, 'n', 'default'),
    ],
  },
  'host-endpoint-without-policy': {
    'in one direction': [
      calico('HostEndpoint', { name: 'edge', labels: { role: 'edge' } }, { node: 'n1', interfaceName: '*' }),
      gnp({ selector: "role == 'edge'", types: ['Ingress'] }),
    ],
    'not with policies for both, or a profile that allows': [
      calico('HostEndpoint', { name: 'edge', labels: { role: 'edge' } }, { node: 'n1', interfaceName: '*' }),
      gnp({ selector: "role == 'edge'", types: ['Ingress', 'Egress'] }),
      calico('HostEndpoint', { name: 'open' }, { node: 'n2', interfaceName: '*', profiles: ['kns.x'] }),
    ],
    'with profiles that say nothing, or do not exist': [
      calico('HostEndpoint', { name: 'one' }, { node: 'n1', interfaceName: '*', profiles: ['ksa.x.sa1'] }),
      calico('HostEndpoint', { name: 'two' }, { node: 'n2', interfaceName: '*', profiles: ['gone'] }),
    ],
    'not of a pod that has its name': [
      calico('HostEndpoint', { name: 'edge' }, { node: 'n1', interfaceName: '*' }),
      make('v1', 'Pod', { name: 'edge', namespace: 'x' }, { status: { podIP: '10.0.1.9' } }),
    ],
  },
  'host-network-peer': {
    'not where others match too': [ingressOf({ podSelector: {} }), from({ selector: "app == 'none'" })],
    'of Calico': [to({ selector: "app == 'h'" })],
    'by one Service beside': [
      slice('x/s', '10.0.1.1'),
      pod('x/agent', 'n1', { hostNetwork: true }),
      from({ selector: "app == 'agent'" }),
    ],
  },
  'host-policy-selects-pods': {
    'of both flags': [
      gnp({ doNotTrack: true, applyOnForward: true }, 'g1'),
      gnp({ preDNAT: true, applyOnForward: true, selector: "app == 'a'" }, 'g2'),
    ],
    'not where no pod matches': [
      gnp({ doNotTrack: true, applyOnForward: true, selector: "role == 'edge'" }),
      gnp({ applyOnForward: true }, 'g2'),
    ],
    'not with a selector that cannot be read': [
      gnp({ preDNAT: true, applyOnForward: true, selector: 'a =' }),
    ],
    'not where only hosts match': [
      calico('HostEndpoint', { name: 'edge', labels: { role: 'edge' } }, { node: 'n1', interfaceName: '*' }),
      gnp({ doNotTrack: true, applyOnForward: true, selector: "role == 'edge'" }),
    ],
  },
  'http-ignored': {
    'in the second rule': [np({ ingress: [allow, { ...tcp, http: { methods: ['GET'] } }] }), np({}, 'n2')],
  },
  'icmp-is-ipv4': {
    'of egress': [six, np({ ...onA, types: ['Egress'], egress: [{ ...allow, protocol: 'ICMP' }] })],
    'not beside ICMPv6, by number, or of IPv4 pods': [
      six,
      np({
        ...onA,
        types: ['Ingress'],
        ingress: [
          { ...allow, protocol: 'ICMP' },
          { ...allow, protocol: 'ICMPv6' },
        ],
      }),
      np({ ...onA, types: ['Ingress'], ingress: [{ ...allow, protocol: 1 }] }, 'n2'),
      np({ selector: "app == 'b'", types: ['Ingress'], ingress: [{ ...allow, protocol: 'ICMP' }] }, 'n3'),
    ],
  },
  'implicit-ingress-isolation': {
    'an empty list of ingress rules is none': [knp({ ingress: [], egress: [{}] })],
    'not with rules or types, nor of Calico': [
      knp({ ingress: [{}], egress: [{}] }, 'k1'),
      knp({ policyTypes: ['Egress'], egress: [{}] }, 'k2'),
      knp({ egress: [] }, 'k3'),
      np({ egress: [allow] }),
    ],
  },
  'impossible-selector': {
    'in every form': [
      np({ selector: "a == '1' && a == '2'" }, 'n1'),
      np({ selector: "a in {'1'} && a == '2'" }, 'n2'),
      np({ selector: 'has(a) && !has(a)' }, 'n3'),
      np({ selector: "a == '1' && !has(a)" }, 'n4'),
      np({ selector: "a in {'1','2'} && a not in {'1','2'}" }, 'n5'),
      np({ selector: "a == '1' && a != '1'" }, 'n6'),
      np({ selector: "(a == '1' && a == '2') || (b == '1' && b == '2')" }, 'n7'),
      np({ selector: '!all()' }, 'n8'),
    ],
    'not what can be fulfilled': [
      np({ selector: "a == '1' && b == '2'" }, 'n1'),
      np({ selector: "a in {'1', '2'} && a == '2'" }, 'n2'),
      np({ selector: "a == '1' && a == '2' || has(b)" }, 'n3'),
      np({ selector: "a != '1' && !has(a)" }, 'n4'),
      np({ selector: 'a not in {}' }, 'n5'),
    ],
  },
  'ingress-without-egress': {
    'not where a pod may send': [
      knp(
        {
          podSelector: { matchLabels: { app: 'b' } },
          policyTypes: ['Egress'],
          egress: [{ to: [{ podSelector: {} }] }],
        },
        'out',
      ),
      ingressOf({ podSelector: { matchLabels: { app: 'b' } } }),
    ],
    'by named ports': [
      knp({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Egress'] }, 'out'),
      knp({
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'b' } } }], ports: [{ port: 'http' }] }],
      }),
    ],
    'not of one pod among several': [
      knp({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Egress'] }, 'out'),
      ingressOf({ namespaceSelector: {} }),
    ],
    'not of Deny and of staged policies': [
      knp({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Egress'] }, 'out'),
      np({ ...onA, types: ['Ingress'], ingress: [{ ...deny, source: { selector: "app == 'b'" } }] }),
      staged('StagedNetworkPolicy', {
        ...onA,
        types: ['Ingress'],
        ingress: [{ ...allow, source: { selector: "app == 'b'" } }],
      }),
    ],
    'not where the rule means nobody by its blocks': [
      knp({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Egress'] }, 'out'),
      from({ selector: "app == 'b'", nets: ['192.0.2.0/24'] }),
    ],
    'not between pods of two families': [
      make(
        'v1',
        'Pod',
        { name: 'only', namespace: 'x', labels: { app: 'only' } },
        { status: { podIPs: [{ ip: 'fd00::67' }] } },
      ),
      knp({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Egress'] }, 'out'),
      np({
        selector: "app == 'only'",
        types: ['Ingress'],
        ingress: [{ ...allow, source: { selector: "app == 'b'" } }],
      }),
    ],
    'not where a pod may speak to itself': [
      knp({ policyTypes: ['Egress'] }, 'out'),
      from({ selector: "app == 'a'" }),
    ],
  },
  'egress-without-ingress': {
    'over UDP': [
      knp({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Ingress'] }, 'in'),
      to({ selector: "app == 'b'", ports: ['5000:6000'] }, { protocol: 'UDP' }),
    ],
    'by a named port that is another number there': [
      knp({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Ingress'] }, 'in'),
      to({ selector: "app == 'b'", ports: ['http'] }, { protocol: 'TCP' }),
    ],
    'to the second port of a pod by its name': [
      knp({ policyTypes: ['Ingress'] }, 'in'),
      np({
        selector: "app == 'b'",
        types: ['Egress'],
        egress: [{ ...allow, protocol: 'UDP', destination: { selector: "app == 'a'", ports: ['dns'] } }],
      }),
    ],
    'without ports: the first that the pod has, or any': [
      pod('x/plain', 'n1', { labels: { app: 'plain' }, address: '10.0.1.9' }),
      knp(
        {
          podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['b', 'plain'] }] },
          policyTypes: ['Ingress'],
        },
        'in',
      ),
      np({ ...onA, types: ['Egress'], egress: [{ ...tcp, destination: { selector: "app == 'b'" } }] }, 'one'),
      np(
        { ...onA, types: ['Egress'], egress: [{ ...tcp, destination: { selector: "app == 'plain'" } }] },
        'two',
      ),
    ],
  },
  'internet-includes-pods': {
    'of Calico and of clusters, on either side': [
      from({ nets: ['0.0.0.0/0'] }),
      egressOf(block('0.0.0.0/0')),
      cnp({ egress: [{ action: 'Accept', to: [{ networks: ['0.0.0.0/0'] }] }] }),
    ],
    'not with pods taken out, a part, or IPv6': [
      egressOf(block('0.0.0.0/0', ['10.0.0.0/8', '192.168.0.0/16'])),
      np({
        ...onA,
        types: ['Egress'],
        egress: [
          { ...allow, destination: { nets: ['10.0.0.0/8'] } },
          { ...allow, destination: { nets: ['::/0'] } },
        ],
      }),
    ],
    'not where what is taken out is the usual network': [egressOf(block('0.0.0.0/0', ['192.168.0.0/16']))],
    'not of IPv6 without a pool': [
      six,
      np({ ...onA, types: ['Egress'], egress: [{ ...allow, destination: { nets: ['::/0'] } }] }),
    ],
  },
  'ip-block-host-bits': {
    'of IPv6 and of clusters': [
      ingressOf(block('fd00::1/8')),
      from({ nets: ['10.0.0.1/8'] }),
      cnp({ egress: [{ ...deny, to: [{ networks: ['10.0.0.1/8', '10.0.0.0/8'] }] }] }),
    ],
    'not what is no block at all': [ingressOf(block('nonsense'))],
  },
  'ip-block-of-services': {
    'one Service, the whole network, and of Calico': [
      egressOf(block('10.96.0.1/32')),
      to({ nets: ['10.96.0.0/12'] }),
    ],
    'not more than it, not ingress': [egressOf(block('10.0.0.0/8')), ingressOf(block('10.96.0.1/32'))],
    'with a Service of that address': [
      service({ clusterIP: '10.96.0.1', selector: { app: 'c' }, ports: [{ port: 80 }] }),
      egressOf(block('10.96.0.1/32')),
    ],
    'a Service outside of the usual network, by itself and among others': [
      service({ clusterIP: '10.43.0.10', selector: { app: 'c' }, ports: [{ port: 80 }] }),
      make('v1', 'Service', { name: 'plain' }, { spec: { clusterIP: '10.43.0.11' } }),
      make('v1', 'Service', { name: 'bare' }),
      service({ clusterIP: 'None' }, 'headless'),
      egressOf(
        block('10.43.0.10/32'),
        block('10.43.0.11/32'),
        block('10.43.0.0/24'),
        block('10.43.0.0/23'),
        block('198.51.100.0/24'),
      ),
    ],
  },
  'ip-block-over-pods': {
    'by one address, and with it taken out': [
      ingressOf(block('10.0.1.1/32')),
      knp({ ingress: [{ from: [block('10.0.0.0/16', ['10.0.0.0/17'])] }] }, 'k2'),
    ],
    'not elsewhere': [ingressOf(block('203.0.113.0/24')), egressOf(block('0.0.0.0/0'))],
    'not of a Deny': [
      np({ ...onA, types: ['Ingress'], ingress: [{ ...deny, source: { nets: ['10.0.1.0/24'] } }] }),
    ],
    'not of addresses of hosts': [
      calico(
        'HostEndpoint',
        { name: 'edge' },
        { node: 'n1', interfaceName: 'eth0', expectedIPs: ['172.18.0.2'] },
      ),
      ingressOf(block('172.18.0.0/16')),
    ],
    'by one of several addresses, of its own family': [
      six,
      ingressOf(block('fd00::/64')),
      knp({ ingress: [{ from: [block('::/96')] }] }, 'low'),
    ],
    'not where the pods, or the block, are taken out': [
      calico('IPPool', { name: 'p' }, { cidr: '10.0.0.0/16' }),
      ingressOf(block('10.0.0.0/8', ['10.0.0.0/16'])),
      knp({ ingress: [{ from: [block('10.0.1.0/24', ['10.0.1.0/24'])] }] }, 'k2'),
      knp({ ingress: [{ from: [block('10.0.0.0/8', ['10.0.1.0/24'])] }] }, 'k3'),
    ],
    'of pods beside an IPPool, with exceptions': [
      calico('IPPool', { name: 'p' }, { cidr: '10.244.0.0/16' }),
      ingressOf(block('10.0.0.0/9', ['10.0.1.0/24'])),
    ],
  },
  'log-only': {
    'of egress, and not with other rules': [
      np({ types: ['Egress'], egress: [{ action: 'Log' }] }),
      np({ ingress: [{ action: 'Log' }, deny] }, 'n2'),
      np({ ingress: [] }, 'n3'),
    ],
    'not where the tier passes, or nothing is enforced': [
      tier('t', { order: 1, defaultAction: 'Pass' }),
      np({ tier: 't', types: ['Ingress'], ingress: [{ action: 'Log' }] }),
      staged('StagedNetworkPolicy', { types: ['Ingress'], ingress: [{ action: 'Log' }] }),
    ],
  },
  'metadata-service': {
    'by a block, by a rule for all, for two pods': [
      gnp({
        selector: "app == 'a' || app == 'b'",
        types: ['Egress'],
        egress: [
          { action: 'Log' },
          { ...allow, destination: { nets: ['203.0.113.0/24', '169.254.0.0/16'] } },
        ],
      }),
      knp({ podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 80 }] }] }, 'all', 'y'),
    ],
    'not of pods that no policy governs, of other ports or of ingress': [
      knp({ policyTypes: ['Egress'], egress: [{ ports: [{ port: 443 }] }] }),
      knp({ ingress: [{}] }, 'k2'),
    ],
    'where it stands, among blocks of other rules, directions and policies': [
      knp(
        {
          podSelector: { matchLabels: { app: 'b' } },
          policyTypes: ['Egress'],
          egress: [{ to: [block('169.254.169.254/32')], ports: [{ port: 80 }] }],
        },
        'first',
      ),
      knp(
        {
          ingress: [{ from: [block('0.0.0.0/0')] }, { from: [block('0.0.0.0/0')] }],
          egress: [
            { to: [block('169.254.0.0/16')], ports: [{ port: 443 }] },
            { to: [block('10.0.0.0/8'), block('169.254.169.0/24')] },
          ],
        },
        'second',
      ),
    ],
    'not of pods that have IPv6 alone': [
      make(
        'v1',
        'Pod',
        { name: 'only', namespace: 'x', labels: { app: 'only' } },
        { status: { podIPs: [{ ip: 'fd00::67' }] } },
      ),
      np({ selector: "app == 'only'", types: ['Egress'], egress: [allow] }),
    ],
    'of pods that have both': [six, np({ selector: 'all()', types: ['Egress'], egress: [allow] })],
    'where it stands, behind a policy that has such a block and does not open it': [
      knp(
        { policyTypes: ['Egress'], egress: [{ to: [block('169.254.0.0/16')], ports: [{ port: 443 }] }] },
        'other',
      ),
      knp(
        {
          podSelector: { matchLabels: { app: 'b' } },
          policyTypes: ['Egress'],
          egress: [{ to: [block('10.0.0.0/8'), block('169.254.169.254/32')] }],
        },
        'opens',
      ),
    ],
  },
  'misplaced-field': {
    'in each kind': [
      knp({ ports: [], ingress: [{ podSelector: {}, from: [{ except: [] }] }] }),
      np({ nets: [], ingress: [{ ...allow, ports: [], source: { tier: 'x', action: 'Allow' } }] }),
      { ...np({}, 'n2'), order: 5 } as KubernetesObject,
    ],
  },
  'field-of-other-kind': {
    'in each kind': [
      knp({ selector: 'all()', ingress: [{ source: {} }] }),
      np({ podSelector: {}, ingress: [{ ...allow, from: [] }] }),
      cnp({ podSelector: {} }),
    ],
    'not of fields that stand where they belong': [
      knp({ ingress: [{ ports: [{ protocol: 'ICMPX', port: 1 }] }] }),
    ],
  },
  'unknown-field': {
    'in each kind': [
      knp({ foo: 1 }),
      np({ podselector: {}, ingress: [{ ...allow, bar: 1 }] }),
      cnp({ podSelector: {}, foo: 2 }),
      { ...knp({}, 'k2'), order: 5 } as KubernetesObject,
    ],
  },
  'invalid-policy': {
    'each problem that no other rule tells': [
      knp({ ingress: [{ ports: [{ port: 0 }, { port: 'UPPER' }] }] }),
      np({ order: 'x', types: ['ingress'], selector: 'a =' }),
      cnp({ priority: 5000 }),
    ],
  },
  'named-port-outside': {
    'not where pods are in the block, or none is named': [
      to({ nets: ['10.0.0.0/8'], ports: ['http'] }, { protocol: 'TCP' }),
      np({ ...onA, types: ['Egress'], egress: [{ ...tcp, destination: { ports: ['http'] } }] }, 'n2'),
    ],
    'of Calico, the second port': [
      to({ nets: ['203.0.113.0/24', '198.51.100.0/24'], ports: [80, 'http'] }, { protocol: 'TCP' }),
    ],
  },
  'named-port-protocol': {
    'of two protocols': [
      pod('x/z', 'n1', { address: '10.0.1.9', ports: [port('dns', 53, 'SCTP')] }),
      knp({ podSelector: {}, ingress: [{ ports: [{ port: 'dns' }] }] }),
    ],
    'not where one pod has it': [
      knp({ podSelector: {}, ingress: [{ ports: [{ protocol: 'UDP', port: 'dns' }] }] }),
    ],
    'not without a protocol, or where nobody has it': [
      np({ ...onA, types: ['Ingress'], ingress: [{ ...allow, destination: { ports: ['dns', 'none'] } }] }),
    ],
    'not where a pod has it twice': [
      pod('x/both', 'n1', {
        labels: { app: 'both' },
        address: '10.0.1.9',
        ports: [port('p', 1), port('p', 2, 'UDP')],
      }),
      knp({ podSelector: { matchLabels: { app: 'both' } }, ingress: [{ ports: [{ port: 'p' }] }] }),
    ],
  },
  'named-port-unresolved': {
    'of egress, of Calico, once': [
      to({ selector: "app == 'b'", ports: [1, 'dns'] }, { protocol: 'UDP' }),
      knp({ egress: [{ to: [{ podSelector: {} }, everyPod], ports: [{ port: 80 }, { port: 'web' }] }] }),
    ],
    'where no pod has any name': [
      pod('x/plain', 'n1', { labels: { app: 'plain' }, address: '10.0.1.9' }),
      knp({ podSelector: { matchLabels: { app: 'plain' } }, ingress: [{ ports: [{ port: 'web' }] }] }),
    ],
    'not where nobody is selected': [
      knp({ podSelector: { matchLabels: { app: 'none' } }, ingress: [{ ports: [{ port: 'web' }] }] }),
    ],
    'not where one of several pods has it': [
      knp({ podSelector: {}, ingress: [{ ports: [{ port: 'dns', protocol: 'UDP' }] }] }),
    ],
    'of a cluster policy': [
      cnp({
        ingress: [
          { action: 'Accept', from: [{ namespaces: {} }], protocols: [{ destinationNamedPort: 'none' }] },
        ],
      }),
    ],
  },
  'namespace-omitted': {
    'of each kind that has one': [
      make('networking.k8s.io/v1', 'NetworkPolicy', { name: 'k' }, { spec: {} }),
      make('projectcalico.org/v3', 'StagedNetworkPolicy', { name: 's' }, { spec: {} }),
      gnp({}),
      np({}, 'n', 'default'),
    ],
  },
  'namespace-selector-by-name': {
    'inside other terms, and not where a pod is selected': [
      from({ namespaceSelector: "has(a) || !(projectcalico.org/namespace == 'y')" }),
      np({ selector: "projectcalico.org/namespace == 'x'" }, 'n2'),
      np({ ingress: [{ ...allow, source: { namespaceSelector: "projectcalico.org/name == 'x'" } }] }, 'n3'),
    ],
  },
  'namespace-without-default-deny': {
    'not where a policy of any kind isolates': [knp({}), gnp({ selector: 'all()', types: ['Ingress'] })],
    'where it is staged, of egress or of elsewhere': [
      knp({}),
      knp({ podSelector: {}, policyTypes: ['Egress'] }, 'k2'),
      knp({ podSelector: {} }, 'k3', 'y'),
      staged('StagedNetworkPolicy', {}),
    ],
    'not where it has no policy': [knp({ policyTypes: ['Egress'] }), staged('StagedNetworkPolicy', onA)],
    'not where a policy isolates by the service account': [
      knp({}),
      gnp({ serviceAccountSelector: "projectcalico.org/name == 'default'", types: ['Ingress'] }),
    ],
  },
  'near-side-narrows': {
    'of egress': [np({ types: ['Egress'], egress: [{ ...allow, source: { selector: "app == 'b'" } }] })],
    'not of Deny, not where all are meant': [
      np({
        ...onA,
        types: ['Ingress'],
        ingress: [
          { ...allow, destination: { selector: "app == 'a'" } },
          { ...deny, destination: { selector: "role == 'db'" } },
        ],
      }),
    ],
  },
  'negation-matches-unlabelled': {
    'of namespaces, service accounts and sets': [
      gnp(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { namespaceSelector: "env != 'prod'" } }],
        },
        'g1',
      ),
      gnp(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { serviceAccounts: { selector: "trust not in {'low'}" } } }],
        },
        'g2',
      ),
      np({
        ...onA,
        types: ['Egress'],
        egress: [{ ...allow, destination: { selector: "tier != 'back' && app == 'b'" } }],
      }),
      knp({
        ingress: [
          {
            from: [
              { podSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['a'] }] } },
            ],
          },
        ],
      }),
    ],
    'not where everybody has it, or it is asked for': [
      gnp(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { selector: "has(role) && role != 'web'" } }],
        },
        'g1',
      ),
      gnp(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { namespaceSelector: "projectcalico.org/name != 'y'" } }],
        },
        'g2',
      ),
      gnp(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { namespaceSelector: "kubernetes.io/metadata.name != 'y'" } }],
        },
        'g3',
      ),
      gnp(
        { ...onA, types: ['Ingress'], ingress: [{ ...allow, source: { selector: 'role not in {}' } }] },
        'g4',
      ),
      gnp(
        { ...onA, types: ['Ingress'], ingress: [{ ...deny, source: { selector: "role != 'web'" } }] },
        'g5',
      ),
    ],
    'not of names that namespaces always have, though hosts match': [
      calico('HostEndpoint', { name: 'edge' }, { node: 'n1', interfaceName: '*' }),
      gnp(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { namespaceSelector: "projectcalico.org/name != 'y'" } }],
        },
        'g1',
      ),
      gnp(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { namespaceSelector: "kubernetes.io/metadata.name != 'y'" } }],
        },
        'g2',
      ),
    ],
    'not where the label is asked for anywhere, or nobody lacks it': [
      from({ selector: "(has(role) || app == 'c') && role != 'web'" }),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [
            {
              ...allow,
              source: { namespaceSelector: 'all()', selector: "(has(role) || app == 'c') && role != 'web'" },
            },
          ],
        },
        'n2',
      ),
      np({ ...onA, types: ['Ingress'], ingress: [{ ...allow, source: { selector: "app != 'c'" } }] }, 'n3'),
    ],
    'of a label that is called like those of namespaces': [from({ selector: "my.pcns.team != 'a'" })],
  },
  'or-instead-of-and': {
    'of egress, further on': [
      egressOf(
        block('10.0.0.0/8'),
        { namespaceSelector: inNamespace('y') },
        { podSelector: { matchLabels: { app: 'c' } } },
      ),
    ],
    'not the other way round, not of all pods': [
      ingressOf({ podSelector: { matchLabels: { app: 'b' } } }, { namespaceSelector: inNamespace('y') }),
      knp({ ingress: [{ from: [{ namespaceSelector: inNamespace('y') }, { podSelector: {} }] }] }, 'k2'),
      knp(
        {
          ingress: [
            {
              from: [
                { namespaceSelector: {}, podSelector: {} },
                { podSelector: { matchLabels: { app: 'b' } } },
              ],
            },
          ],
        },
        'k3',
      ),
      knp({ ingress: [{ from: [{ namespaceSelector: {} }, everyPod] }, {}] }, 'k4'),
    ],
    'not of two of a kind': [
      ingressOf({ namespaceSelector: inNamespace('y') }, { namespaceSelector: inNamespace('x') }),
      knp({ ingress: [{ from: [{ namespaceSelector: inNamespace('y') }, block('10.0.0.0/8')] }] }, 'k2'),
      knp(
        {
          ingress: [
            {
              from: [
                { namespaceSelector: inNamespace('y') },
                { namespaceSelector: inNamespace('x'), podSelector: { matchLabels: { app: 'b' } } },
              ],
            },
          ],
        },
        'k3',
      ),
    ],
  },
  'order-tie': {
    'of priorities': [
      cnp({ ingress: [{ ...deny, from: [{ namespaces: {} }] }] }, 'c1'),
      cnp({ ingress: [{ action: 'Accept', from: [{ namespaces: inNamespace('y') }] }] }, 'c2'),
    ],
    'of egress, by a block': [
      np(
        {
          ...onA,
          order: 1,
          types: ['Egress'],
          egress: [{ action: 'Log' }, { ...deny, destination: { nets: ['203.0.113.0/24'] } }],
        },
        'n1',
      ),
      np(
        {
          ...onA,
          order: 1,
          types: ['Egress'],
          egress: [{ ...allow, protocol: 'UDP', destination: { ports: [5000] } }],
        },
        'n2',
      ),
    ],
    'not of other orders, tiers, pods, directions, or where they agree': [
      tier('t', { order: 1 }),
      np({ ...onA, order: 1, types: ['Ingress'], ingress: [allow] }, 'n1'),
      np({ ...onA, order: 2, types: ['Ingress'], ingress: [deny] }, 'n2'),
      np({ ...onA, order: 1, tier: 't', types: ['Ingress'], ingress: [deny] }, 'n3'),
      np({ selector: "app == 'b'", order: 1, types: ['Ingress'], ingress: [deny] }, 'n4'),
      np({ ...onA, order: 1, types: ['Egress'], egress: [deny] }, 'n5'),
      np({ ...onA, order: 1, types: ['Ingress'], ingress: [tcp] }, 'n6'),
      calico(
        'StagedNetworkPolicy',
        { name: 'n7', namespace: 'x' },
        { ...onA, order: 1, types: ['Ingress'], ingress: [deny] },
      ),
    ],
    'after what they agree on': [
      np(
        {
          ...onA,
          order: 1,
          types: ['Ingress'],
          ingress: [
            { ...tcp, destination: { ports: [90] } },
            { ...deny, protocol: 'TCP', destination: { ports: [91] } },
          ],
        },
        'n1',
      ),
      np(
        {
          ...onA,
          order: 1,
          types: ['Ingress'],
          ingress: [
            { ...tcp, destination: { ports: [90] } },
            { ...tcp, destination: { ports: [91] } },
          ],
        },
        'n2',
      ),
    ],
    'in the other order': [
      np({ ...onA, order: 1, types: ['Ingress'], ingress: [{ ...tcp, destination: { ports: [91] } }] }, 'n1'),
      np(
        {
          ...onA,
          order: 1,
          types: ['Ingress'],
          ingress: [tcp, { ...deny, protocol: 'UDP' }, { ...deny, protocol: 'TCP' }],
        },
        'n2',
      ),
      np(
        {
          ...onA,
          order: 1,
          types: ['Ingress'],
          ingress: [
            { ...tcp, action: 'Deny', destination: { ports: [91] } },
            { ...allow, protocol: 'SCTP' },
          ],
        },
        'n3',
      ),
    ],
    'of pods without ports, by a block of IPv6': [
      pod('x/plain', 'n1', { labels: { app: 'plain' }, address: '10.0.1.9' }),
      np(
        {
          selector: "app == 'plain'",
          order: 1,
          types: ['Ingress'],
          ingress: [{ ...deny, source: { nets: ['fd00::/8'] } }, allow],
        },
        'n1',
      ),
      np({ selector: "app == 'plain'", order: 1, types: ['Ingress'], ingress: [deny] }, 'n2'),
    ],
  },
  'pass-in-last-tier': {
    'of egress': [np({ ...onA, types: ['Egress'], egress: [deny, { action: 'Pass' }] })],
    'not before a tier that governs, not in a cluster policy, not staged': [
      tier('first', { order: 1 }),
      gnp({ ...onA, tier: 'first', types: ['Ingress'], ingress: [{ action: 'Pass' }] }),
      knp({}),
      cnp({ ingress: [{ action: 'Pass', from: [{ namespaces: {} }] }] }),
      staged('StagedNetworkPolicy', { ...onA, types: ['Ingress'], ingress: [{ action: 'Pass' }] }),
    ],
    'before a tier that is only staged': [
      tier('first', { order: 1 }),
      gnp({ ...onA, tier: 'first', types: ['Ingress'], ingress: [{ action: 'Pass' }] }),
      staged('StagedNetworkPolicy', { ...onA, types: ['Ingress'] }),
    ],
    'in the second of two tiers': [
      tier('first', { order: 1 }),
      gnp({ ...onA, tier: 'first', types: ['Ingress'], ingress: [allow] }),
      np({ ...onA, types: ['Ingress'], ingress: [{ action: 'Pass' }] }),
    ],
  },
  'peer-in-own-namespace': {
    'of Calico, of several namespaces': [
      pod('z/c', 'n2', { address: '10.0.2.9' }),
      to({ selector: "app == 'c'" }),
    ],
    'not where it looks elsewhere or finds somebody': [
      from({ selector: "app == 'b'" }),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [
            { ...allow, source: { selector: "app == 'c'", namespaceSelector: 'all()' } },
            { ...allow, source: { selector: "app == 'none'" } },
          ],
        },
        'n2',
      ),
      gnp({ ...onA, types: ['Ingress'], ingress: [{ ...allow, source: { selector: "app == 'c'" } }] }),
    ],
    'not where every namespace is meant, or every pod of an empty one': [
      from({ namespaceSelector: 'has(none)', selector: "app == 'c'" }),
      make('v1', 'Namespace', { name: 'empty' }),
      np({ types: ['Ingress'], ingress: [{ ...allow, source: { selector: 'all()' } }] }, 'n2', 'empty'),
    ],
    'not where another namespace is written out': [
      from({ namespaceSelector: 'all()', selector: "projectcalico.org/namespace == 'none' && app == 'c'" }),
    ],
  },
  'peer-matches-nothing': {
    'of Calico and of namespaces': [
      from({ selector: "app == 'none'" }),
      to({ namespaceSelector: "team == 'none'" }, {}),
      gnp({ types: ['Ingress'], ingress: [{ ...deny, source: { selector: "app == 'none'" } }] }),
    ],
    'not a set, a host pod, a pod elsewhere, or a wrong label': [
      calico('NetworkSet', { name: 'set', namespace: 'x', labels: { role: 'set' } }, { nets: [] }),
      from({ selector: "role == 'set'" }),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [
            { ...allow, source: { selector: "app == 'h'" } },
            { ...allow, source: { selector: "app == 'c'" } },
            { ...allow, source: { namespaceSelector: "projectcalico.org/namespace == 'y'" } },
          ],
        },
        'n2',
      ),
    ],
    'of every pod of an empty namespace, and of a namespace that nobody is in': [
      make('v1', 'Namespace', { name: 'empty' }),
      np({ types: ['Ingress'], ingress: [{ ...allow, source: { selector: 'all()' } }] }, 'n1', 'empty'),
      from({ namespaceSelector: "projectcalico.org/name == 'none'", selector: "app == 'c'" }),
      gnp({
        ...onA,
        types: ['Ingress'],
        ingress: [{ ...allow, source: { selector: "app == 'c' && projectcalico.org/namespace == 'x'" } }],
      }),
    ],
  },
  'policy-selects-nothing': {
    'of each kind': [
      np({ selector: "app == 'none'" }),
      gnp({ namespaceSelector: "team == 'none'" }),
      cnp({ subject: { namespaces: inNamespace('none') } }),
      knp({ podSelector: { matchLabels: { app: 'none' } } }),
      knp({}, 'elsewhere', 'none'),
    ],
    'of nothing but a namespace, and of two selectors': [
      make('v1', 'Namespace', { name: 'empty' }),
      np({ types: ['Ingress'] }, 'n', 'empty'),
      gnp({ namespaceSelector: 'all()', selector: "app == 'none'" }),
    ],
  },
  'port-protocol-assumed': {
    'of egress, of all ports, of names': [
      knp({
        ingress: [{}, { ports: [{ protocol: 'UDP', port: 1 }, {}] }],
        egress: [{ ports: [{ port: 'http' }] }],
      }),
    ],
    'not where it is no list': [knp({ ingress: [{ ports: { port: 80 } }, null] }), np({ ingress: [tcp] })],
    'not where it is a text': [knp({ ingress: [{ ports: ['80'] }] })],
  },
  'ports-of-protocol-without-ports': {
    'by name and number, on either side': [
      np({
        types: ['Ingress', 'Egress'],
        ingress: [{ ...allow, protocol: 'ICMP', source: { notPorts: [1] } }],
        egress: [
          { ...allow, protocol: 47, destination: { ports: [1] } },
          { ...allow, protocol: 'UDPLite', destination: { ports: ['a'] } },
        ],
      }),
    ],
    'not of those that have ports': [
      np({
        ingress: [
          { ...allow, protocol: 132, destination: { ports: [1] } },
          { ...allow, protocol: 'ICMP', destination: { ports: [] } },
          { ...allow, protocol: 'tcp', destination: { ports: [1] } },
        ],
      }),
      knp({ ingress: [{ ports: [{ port: 1 }] }] }),
    ],
  },
  'ports-without-protocol': {
    'each list on each side': [
      np({
        types: ['Ingress', 'Egress'],
        ingress: [{ ...allow, source: { ports: ['1:2'] }, destination: { notPorts: [3, 'a'] } }],
        egress: [{ ...allow, destination: { ports: [4] } }],
      }),
    ],
    'not names alone, not with a protocol': [
      np({
        ingress: [
          { ...allow, destination: { ports: ['http', 'a1'] } },
          { ...tcp, destination: { ports: [80] } },
        ],
      }),
      staged('StagedKubernetesNetworkPolicy', { podSelector: {}, ingress: [{ ports: [{ port: 1 }] }] }),
    ],
    'of ranges, and not of names that begin with digits': [
      np({
        ingress: [
          { ...allow, destination: { ports: ['80:90'] } },
          { ...allow, destination: { ports: ['8080-alt'] } },
        ],
      }),
    ],
  },
  'rules-of-unlisted-type': {
    'of either direction and kind': [
      knp({ policyTypes: ['Egress'], ingress: [{}] }),
      np({ types: ['Ingress'], egress: [deny] }),
      np({ types: ['Ingress'], egress: [] }, 'n2'),
      knp({ egress: [{}] }, 'k2'),
    ],
  },
  'selector-and-nets': {
    'of egress': [to({ selector: "app == 'b'", nets: ['10.0.2.0/24', '10.0.3.0/24'] })],
    'not where one is inside, or nobody is selected': [
      to({ selector: "app == 'b'", nets: ['10.0.1.0/24'] }),
      np(
        {
          ...onA,
          types: ['Ingress'],
          ingress: [{ ...allow, source: { selector: "app == 'none'", nets: ['10.0.2.0/24'] } }],
        },
        'n2',
      ),
    ],
    'not with a set of addresses': [
      calico('NetworkSet', { name: 'set', namespace: 'x', labels: { app: 'b' } }, { nets: ['10.0.2.0/24'] }),
      to({ selector: "app == 'b'", nets: ['10.0.2.0/24'] }),
    ],
    'not where one of several is inside': [to({ selector: 'has(role)', nets: ['10.0.1.1/32'] })],
    'with a Service beside': [
      slice('x/s', '10.0.1.1'),
      to({ selector: "app == 'b'", nets: ['10.0.2.0/24'] }),
    ],
  },
  'service-port': {
    'by the name of a container port': [
      service({ selector: { app: 'b' }, ports: [{ port: 80, targetPort: 'http' }] }, 's', 'x'),
      knp({ podSelector: { matchLabels: { app: 'b' } }, ingress: [{ ports: [{ port: 80 }] }] }),
    ],
    'not where the target is allowed too, of another protocol, or equal': [
      service(
        {
          selector: { app: 'b' },
          ports: [
            { port: 80, targetPort: 8080 },
            { port: 53, protocol: 'UDP', targetPort: 5353 },
            { port: 81 },
            { port: 82, targetPort: 'none' },
          ],
        },
        's',
        'x',
      ),
      knp({
        podSelector: { matchLabels: { app: 'b' } },
        ingress: [
          { ports: [{ port: 80, endPort: 9000 }] },
          { ports: [{ protocol: 'UDP', port: 80 }, { port: 53 }, { port: 81 }, { port: 82 }] },
        ],
      }),
      np({
        selector: "app == 'b'",
        types: ['Ingress'],
        ingress: [{ ...deny, protocol: 'TCP', destination: { ports: [80] } }],
      }),
    ],
    'of egress, over UDP': [
      service({ selector: { app: 'c' }, ports: [{ port: 53, protocol: 'UDP', targetPort: 5353 }] }),
      to({ namespaceSelector: 'all()', ports: ['50:53'] }, { protocol: 'UDP' }),
    ],
    'among several ports, and objects that are no pods': [
      make('apps/v1', 'Deployment', { name: 'd', namespace: 'x', labels: { app: 'b' } }),
      service({ selector: { app: 'b' }, ports: [{ port: 80, targetPort: 8080 }] }, 's', 'x'),
      knp({ podSelector: { matchLabels: { app: 'b' } }, ingress: [{ ports: [{ port: 79 }, { port: 80 }] }] }),
    ],
    'of the namespace default': [
      pod('default/z', 'n1', { address: '10.0.1.9' }),
      make('v1', 'Pod', { name: 'y', labels: { app: 'z' } }, { status: { podIP: '10.0.1.10' }, spec: {} }),
      make(
        'v1',
        'Service',
        { name: 's' },
        { spec: { selector: { app: 'z' }, ports: [{ port: 80, targetPort: 8080 }] } },
      ),
      knp(
        { podSelector: { matchLabels: { app: 'z' } }, ingress: [{ ports: [{ port: 80 }] }] },
        'k',
        'default',
      ),
    ],
    'of a pod and a Service that name no namespace': [
      make('v1', 'Pod', { name: 'y', labels: { app: 'z' } }, { status: { podIP: '10.0.1.10' }, spec: {} }),
      make(
        'v1',
        'Service',
        { name: 's' },
        { spec: { selector: { app: 'z' }, ports: [{ port: 80, targetPort: 8080 }] } },
      ),
      knp(
        { podSelector: { matchLabels: { app: 'z' } }, ingress: [{ ports: [{ port: 80 }] }] },
        'k',
        'default',
      ),
    ],
  },
  'service-without-endpoints': {
    'of egress and ingress': [
      service({ ports: [{ port: 80 }] }, 'other'),
      to({ services: { name: 'none', namespace: 'y' } }),
      from({ services: { name: 'other', namespace: 'y' } }),
    ],
    'not with a slice, of the API server, or where no Services are given': [
      slice('y/api', '10.0.2.1'),
      to({ services: { name: 'api', namespace: 'y' } }),
      np(
        {
          ...onA,
          types: ['Egress'],
          egress: [
            { ...allow, destination: { services: { name: 'kubernetes', namespace: 'default' } } },
            { ...allow, destination: { services: { name: 'none' } } },
          ],
        },
        'n2',
      ),
    ],
    'not where nobody gave any': [to({ services: { name: 'none', namespace: 'y' } })],
    'where only slices are given, or as many as Services': [
      slice('y/api', '10.0.2.1'),
      to({ services: { name: 'none', namespace: 'y' } }),
    ],
    'where a Service and a slice are given': [
      slice('y/api', '10.0.2.1'),
      service({ ports: [{ port: 80 }] }, 'other'),
      to({ services: { name: 'other', namespace: 'y' } }),
    ],
  },
  'service-without-namespace': {
    'on either side': [
      to({ services: { name: 'a' } }),
      np(
        { ...onA, types: ['Ingress'], ingress: [allow, { ...allow, source: { services: { name: 'b' } } }] },
        'n2',
      ),
      gnp({ egress: [{ ...allow, destination: { services: { name: 'c', namespace: 'y' } } }] }),
    ],
    'not in a global policy, which has no namespace to take': [
      gnp({ egress: [{ ...allow, destination: { services: { name: 'c' } } }] }),
    ],
  },
  'staged-behind-its-twin': {
    'with the same order, and with another': [
      np({ ...onA, order: 5 }, 's'),
      staged('StagedNetworkPolicy', { ...onA, order: 5 }),
      knp({}, 'k'),
      calico('StagedKubernetesNetworkPolicy', { name: 'k', namespace: 'x' }, {}),
      np({ order: 5 }, 'other'),
      calico('StagedNetworkPolicy', { name: 'other', namespace: 'x' }, { order: 4 }),
      calico('StagedNetworkPolicy', { name: 'other', namespace: 'y' }, { order: 5 }),
      tier('t', { order: 1 }),
      calico('StagedGlobalNetworkPolicy', { name: 'other' }, { order: 5, tier: 't' }),
      gnp({ order: 5 }, 'other'),
    ],
  },
  'staged-delete': {
    'not what is set': [
      staged('StagedNetworkPolicy', {}),
      calico('StagedKubernetesNetworkPolicy', { name: 'd', namespace: 'x' }, { stagedAction: 'Delete' }),
    ],
  },
  'staged-left-behind': {
    'of each kind': [
      staged('StagedKubernetesNetworkPolicy', {}),
      calico('StagedGlobalNetworkPolicy', { name: 'g' }, {}),
      np({}),
    ],
  },
  'storage-api-group': {
    'of a set': [make('crd.projectcalico.org/v1', 'NetworkSet', { name: 's' }), np({})],
  },
  'tier-without-order': {
    'before, after, and with one': [
      tier('aaa'),
      tier('zzz'),
      tier('t', { order: 0 }),
      tier('kube-admin'),
      make('projectcalico.org/v3', 'Tier', { name: 'bare' }),
    ],
  },
  'tier-without-policies': {
    'with one, staged or not': [tier('none'), tier('used'), np({ tier: 'used' }), tier('default')],
  },
  'unknown-namespace': {
    'near one and far from all': [
      np({}, 'n1', 'xx'),
      np({}, 'n2', 'nowhere'),
      np({}, 'n3', 'default'),
      np({}, 'n4', 'y'),
      gnp({}),
    ],
    'not where a pod is in it': [pod('z/p', 'n1', { address: '10.0.1.9' }), np({}, 'n', 'z')],
  },
  'unknown-tier': {
    'near one and far from all': [
      tier('security'),
      np({ tier: 'securty' }),
      gnp({ tier: 'nowhere' }),
      np({ tier: 'kube-baseline' }, 'n2'),
      np({ tier: 5 }, 'n3'),
      knp({}),
    ],
    'not of a policy without one': [
      np({ order: 1 }),
      staged('StagedNetworkPolicy', { stagedAction: 'Delete' }),
    ],
  },
  'vxlan-from-pod': {
    'of Calico and of Kubernetes': [
      to({ ports: [4789] }, { protocol: 'UDP' }),
      knp({ egress: [{ ports: [{ protocol: 'UDP', port: 4789 }] }] }),
    ],
    'not of more ports, of TCP, of ingress, of Deny': [
      to({ ports: [4789, 53] }, { protocol: 'UDP' }),
      np(
        {
          ...onA,
          types: ['Ingress', 'Egress'],
          ingress: [{ ...allow, protocol: 'UDP', destination: { ports: [4789] } }],
          egress: [
            { ...tcp, destination: { ports: [4789] } },
            { ...deny, protocol: 'UDP', destination: { ports: [4789] } },
            { ...allow, protocol: 'UDP', destination: { ports: ['4789:4790', '4788:4789'] } },
            { ...allow, protocol: 'UDP', destination: { ports: ['4788:4789'] } },
            { ...allow, protocol: 'UDP' },
          ],
        },
        'n2',
      ),
    ],
    'not of a range that begins there': [to({ ports: ['4789:4790'] }, { protocol: 'UDP' })],
  },
  'withdrawn-kind': {
    'with all that it may have': [
      make(
        'policy.networking.k8s.io/v1alpha1',
        'AdminNetworkPolicy',
        { name: 'a' },
        {
          spec: {
            priority: 5,
            subject: { namespaces: {} },
            ingress: [
              {
                name: 'r',
                action: 'Allow',
                from: [{ namespaces: {} }],
                ports: [
                  { portNumber: { protocol: 'UDP', port: 53 } },
                  { portRange: { start: 1, end: 9 } },
                  { namedPort: 'http' },
                  null,
                ],
              },
              'x',
            ],
            egress: [{ action: 'Deny', to: [{ networks: ['10.0.0.0/8'] }], ports: [] }],
          },
        },
      ),
      make(
        'policy.networking.k8s.io/v1alpha1',
        'BaselineAdminNetworkPolicy',
        { name: 'default' },
        {
          spec: {
            subject: { pods: {} },
            egress: [
              {
                action: 'Allow',
                to: [],
                ports: [{ portRange: { protocol: 'SCTP', start: 2, end: 3 } }, { portNumber: { port: 7 } }],
              },
            ],
          },
        },
      ),
      make('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', { name: 'bare' }),
    ],
    'with egress that is half empty': [
      make(
        'policy.networking.k8s.io/v1alpha1',
        'AdminNetworkPolicy',
        { name: 'a' },
        { spec: { priority: 5, egress: [null, { action: 'Pass', to: [{ namespaces: {} }] }] } },
      ),
    ],
  },
  'redundant-rule': {
    'not "deny all the rest", however it is written': [
      np({
        ...onA,
        types: ['Ingress'],
        ingress: [tcp, { ...deny, source: { nets: [] }, destination: { notPorts: [] } }],
      }),
    ],
    'a Deny of something before it': [
      np({
        ...onA,
        types: ['Ingress'],
        ingress: [tcp, { ...deny, protocol: 'UDP' }, { ...deny, ipVersion: 4 }],
      }),
    ],
    'by the end of the tier, by two policies': [
      np({ ...onA, types: ['Ingress'], ingress: [{ ...deny, source: { selector: "app == 'b'" } }] }),
      knp({
        ingress: [
          { from: [{ podSelector: {} }] },
          { from: [{ podSelector: { matchLabels: { app: 'b' } } }] },
        ],
      }),
    ],
    'by two policies that say the same together': [
      np(
        { ...onA, order: 1, types: ['Ingress'], ingress: [{ ...tcp, destination: { ports: ['1:100'] } }] },
        'low',
      ),
      np(
        { ...onA, order: 2, types: ['Ingress'], ingress: [{ ...tcp, destination: { ports: ['101:200'] } }] },
        'high',
      ),
      np(
        {
          ...onA,
          order: 3,
          types: ['Ingress'],
          ingress: [
            { ...tcp, destination: { ports: ['50:150'] } },
            { ...allow, protocol: 'UDP' },
          ],
        },
        'late',
      ),
    ],
    'a Pass of what is allowed before, an Allow of everything twice': [
      np({ ...onA, types: ['Ingress'], ingress: [tcp, { action: 'Pass', protocol: 'TCP' }, allow, allow] }),
    ],
    'a Deny of a block, of some ports': [
      np({
        ...onA,
        types: ['Ingress'],
        ingress: [
          tcp,
          { ...deny, source: { nets: ['10.0.0.0/8'] } },
          { ...deny, protocol: 'UDP', destination: { ports: [53] } },
        ],
      }),
    ],
    'not of policies that govern hosts': [
      calico('HostEndpoint', { name: 'edge', labels: { role: 'edge' } }, { node: 'n1', interfaceName: '*' }),
      gnp({ selector: "app == 'a' || role == 'edge'", types: ['Ingress'], ingress: [allow, tcp] }),
    ],
    'by a policy of another kind that has its name': [
      np(
        {
          ...onA,
          order: 1,
          types: ['Ingress'],
          ingress: [
            { ...allow, source: { selector: "app == 'b'" } },
            { ...allow, protocol: 'UDP' },
          ],
        },
        'k',
      ),
      knp({
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: 'b' } } }] },
          { from: [{ podSelector: { matchLabels: { app: 'z' } } }] },
        ],
      }),
    ],
    'beside a Deny of all the rest': [
      np({ ...onA, types: ['Ingress'], ingress: [tcp, { ...tcp, destination: { ports: [80] } }, deny] }),
    ],
    'once of those that say the same, whatever is denied at last in the other direction': [
      np(
        {
          ...onA,
          order: 0,
          types: ['Ingress'],
          ingress: [
            { ...tcp, destination: { ports: [81] } },
            { ...allow, protocol: 'SCTP', destination: { ports: [5] } },
          ],
        },
        'first',
      ),
      np(
        {
          ...onA,
          order: 1,
          types: ['Ingress', 'Egress'],
          ingress: [
            { ...tcp, destination: { ports: [80] } },
            { ...allow, protocol: 'SCTP', destination: { ports: [6] } },
          ],
          egress: [tcp, deny],
        },
        'second',
      ),
      np(
        {
          ...onA,
          order: 2,
          types: ['Ingress'],
          ingress: [
            { ...tcp, destination: { ports: [80] } },
            { ...tcp, destination: { ports: [81] } },
            { ...allow, protocol: 'UDP' },
          ],
        },
        'third',
      ),
    ],
  },
  'shadowed-rule': {
    'by two policies together': [
      np(
        {
          ...onA,
          order: 1,
          types: ['Ingress'],
          ingress: [{ ...deny, protocol: 'TCP', destination: { ports: ['1:100'] } }],
        },
        'low',
      ),
      np(
        {
          ...onA,
          order: 2,
          types: ['Ingress'],
          ingress: [{ ...deny, protocol: 'TCP', destination: { ports: ['101:200'] } }],
        },
        'high',
      ),
      np(
        {
          ...onA,
          order: 3,
          types: ['Ingress'],
          ingress: [
            { ...tcp, destination: { ports: ['50:150'] } },
            { ...allow, protocol: 'UDP' },
          ],
        },
        'late',
      ),
    ],
    'by an earlier rule of its own': [
      np({
        ...onA,
        types: ['Egress'],
        egress: [
          { ...deny, protocol: 'TCP' },
          { ...tcp, destination: { selector: "app == 'b'" } },
        ],
      }),
    ],
    'not a Pass of what is allowed before': [
      np({
        ...onA,
        types: ['Ingress'],
        ingress: [tcp, { action: 'Pass', protocol: 'TCP' }, { ...allow, protocol: 'UDP' }],
      }),
    ],
  },
  'redundant-policy': {
    'of egress, and not one that isolates': [
      knp({ podSelector: {}, policyTypes: ['Egress'] }, 'all'),
      knp({ policyTypes: ['Egress'] }, 'one'),
      knp({}, 'in'),
    ],
    'whose rules repeat each other': [
      np({ ...onA, order: 1, types: ['Ingress'], ingress: [tcp] }, 'first'),
      np({ ...onA, order: 2, types: ['Ingress'], ingress: [tcp, tcp] }, 'twice'),
    ],
    'in a tier that passes': [
      tier('t', { order: 1, defaultAction: 'Pass' }),
      np({ ...onA, tier: 't', types: ['Ingress'], ingress: [tcp] }, 'early'),
      np({ ...onA, tier: 't', types: ['Ingress'] }, 'empty'),
      np({ ...onA, types: ['Ingress'], ingress: [tcp] }, 'late'),
    ],
    'alone in a tier that passes, with and without rules': [
      tier('t', { order: 1, defaultAction: 'Pass' }),
      tier('u', { order: 2, defaultAction: 'Pass' }),
      np({ ...onA, tier: 't', types: ['Ingress'], ingress: [{ ...deny, protocol: 'UDP' }] }, 'only'),
      np({ ...onA, tier: 'u', types: ['Ingress'] }, 'empty'),
      knp({ policyTypes: ['Ingress'] }),
    ],
    'not of one that governs hosts': [
      calico('HostEndpoint', { name: 'edge', labels: { role: 'edge' } }, { node: 'n1', interfaceName: '*' }),
      gnp(
        { selector: "app == 'a' || role == 'edge'", order: 1, types: ['Ingress'], ingress: [tcp] },
        'hosts',
      ),
      np({ ...onA, order: 2, types: ['Ingress'], ingress: [tcp] }, 'pods'),
    ],
    'in order': [
      np({ ...onA, order: 1, types: ['Ingress'], ingress: [tcp] }, 'one'),
      np({ ...onA, order: 2, types: ['Ingress'], ingress: [tcp] }, 'two'),
      np({ ...onA, order: 3, types: ['Ingress'], ingress: [tcp] }, 'three'),
    ],
    'whose rules say what the end of the tier does': [
      np({ ...onA, order: 1, types: ['Ingress'] }, 'first'),
      np({ ...onA, order: 2, types: ['Ingress'], ingress: [{ ...deny, protocol: 'UDP' }] }, 'denies'),
    ],
    'with a Deny of all the rest': [
      np({ ...onA, order: 1, types: ['Ingress'], ingress: [tcp] }, 'first'),
      np({ ...onA, order: 2, types: ['Ingress'], ingress: [tcp, deny] }, 'second'),
    ],
  },
}
