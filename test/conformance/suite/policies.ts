import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type Part, testPolicies } from '../backend.ts'
import { surprises, verdicts, withObjects } from '../measure.ts'
import { service } from '../workloads.ts'

/** Policies, and what then holds between the suite's pods. */
interface Case {
  title: string
  objects: KubernetesObject[]
  matrix: string
}

const kubernetes = (name: string, spec: object): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec,
})
const calico = (kind: string, name: string, spec: object): KubernetesObject => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, ...(kind === 'NetworkPolicy' && { namespace: 'shop' }) },
  spec,
})
const toDns = { to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 53 }] }

const cases: Case[] = [
  {
    title: 'Kubernetes: a policy without rules isolates those it selects, in the direction it names',
    objects: [
      kubernetes('deny', { podSelector: { matchLabels: { tier: 'back' } }, policyTypes: ['Ingress'] }),
    ],
    matrix: `
      from        | shop/web | shop/db | ops/monitor
      shop/web    | -        | deny    | allow
      shop/client | allow    | deny    | allow
      shop/db     | allow    | -       | allow
      ops/monitor | allow    | deny    | -`,
  },
  {
    title: 'Kubernetes: peers by pod, by namespace and by both; one port, one of them by its name',
    objects: [
      kubernetes('peers', {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port: 'http' }] },
          { from: [{ namespaceSelector: { matchLabels: { team: 'ops' } } }], ports: [{ port: 81 }] },
          {
            from: [
              {
                namespaceSelector: { matchLabels: { team: 'ops' } },
                podSelector: { matchLabels: { app: 'db' } },
              },
            ],
          },
        ],
      }),
    ],
    matrix: `
      from        | shop/web | shop/web:TCP/81 | svc/shop/web:TCP/8080
      shop/client | allow    | deny            | allow
      shop/db     | deny     | deny            | deny
      ops/monitor | deny     | allow           | deny`,
  },
  {
    title: 'Kubernetes: egress that forgets DNS loses names, and keeps addresses',
    objects: [
      kubernetes('egress', {
        podSelector: { matchLabels: { app: 'client' } },
        policyTypes: ['Egress'],
        egress: [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
      }),
    ],
    matrix: `
      from        | shop/web | shop/db | name:web.shop:TCP/8080 | svc/shop/web:TCP/8080 | dns:web
      shop/client | allow    | deny    | dns-failure            | allow                 | dns-failure
      shop/web    | -        | allow   | allow                  | allow                 | allow`,
  },
  {
    title: 'Kubernetes: with DNS allowed the name resolves, and what it leads to is still denied',
    objects: [kubernetes('egress', { podSelector: {}, policyTypes: ['Egress'], egress: [toDns] })],
    matrix: `
      from        | name:web:TCP/8080 | dns:web | kube-system/kube-dns:UDP/53 | kube-system/kube-dns:TCP/53
      shop/client | deny              | allow   | allow                       | deny`,
  },
  {
    title: 'Kubernetes: address ranges with exceptions, and a range of ports',
    objects: [
      kubernetes('ranges', {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [{ from: [{ ipBlock: { cidr: '192.168.0.0/16' } }], ports: [{ port: 81, endPort: 90 }] }],
      }),
    ],
    matrix: `
      from        | shop/web | shop/web:TCP/81
      ops/monitor | deny     | allow`,
  },
  {
    title: 'Calico: order decides within a tier, Deny among it, and what nobody decided is denied at its end',
    objects: [
      calico('NetworkPolicy', 'first', {
        order: 10,
        selector: "app == 'web'",
        ingress: [{ action: 'Deny', protocol: 'TCP', source: { selector: "app == 'db'" } }],
      }),
      calico('NetworkPolicy', 'second', {
        order: 20,
        selector: "app == 'web'",
        ingress: [{ action: 'Allow', protocol: 'TCP', source: { selector: "tier in {'front', 'back'}" } }],
      }),
    ],
    matrix: `
      from        | shop/web | shop/web:UDP/80
      shop/client | allow    | deny
      shop/db     | deny     | deny
      ops/monitor | deny     | deny`,
  },
  {
    title: 'Calico: a tier passes on, denies, and goes before Kubernetes policies',
    objects: [
      calico('Tier', 'security', { order: 100 }),
      calico('NetworkPolicy', 'security.guard', {
        tier: 'security',
        selector: "app == 'web'",
        ingress: [
          { action: 'Pass', source: { selector: "app == 'client'" } },
          { action: 'Allow', source: { namespaceSelector: "team == 'ops'" } },
        ],
      }),
      kubernetes('deny-80', {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [{ ports: [{ port: 81 }] }],
      }),
    ],
    matrix: `
      from        | shop/web | shop/web:TCP/81
      shop/client | deny     | allow
      shop/db     | deny     | deny
      ops/monitor | allow    | allow`,
  },
  {
    title:
      'Calico: a global policy reaches every namespace that it selects, and egress rules name namespaces',
    objects: [
      calico('GlobalNetworkPolicy', 'conformance-lockdown', {
        namespaceSelector: "team in {'shop', 'ops'}",
        types: ['Egress'],
        egress: [
          {
            action: 'Allow',
            protocol: 'UDP',
            destination: { selector: "k8s-app == 'kube-dns'", ports: [53] },
          },
          {
            action: 'Allow',
            protocol: 'TCP',
            destination: { namespaceSelector: "team == 'shop'", ports: ['80:81'] },
          },
        ],
      }),
    ],
    matrix: `
      from        | shop/web | shop/web:TCP/81 | ops/monitor | name:web.shop:TCP/8080 | shop/web:UDP/80
      shop/client | allow    | allow           | deny        | allow                  | deny
      ops/monitor | allow    | allow           | -           | allow                  | deny`,
  },
  {
    title: 'Calico: what is not selected, not in a net and not of a protocol',
    objects: [
      calico('NetworkPolicy', 'negations', {
        selector: "!has(nothing) && app != 'client'",
        types: ['Ingress'],
        ingress: [
          {
            action: 'Allow',
            notProtocol: 'UDP',
            source: { notSelector: "app == 'db'", notNets: ['10.0.0.0/8'] },
          },
        ],
      }),
    ],
    matrix: `
      from        | shop/web | shop/web:UDP/80 | shop/client
      shop/client | allow    | deny            | -
      shop/db     | deny     | deny            | allow
      ops/monitor | deny     | deny            | allow`,
  },
]

export const policies: Part = (world, backend) => {
  for (const { title, objects, matrix } of cases) {
    testPolicies(backend, title, () =>
      withObjects(world(), objects, async () => {
        expect(await surprises(world(), matrix)).toEqual([])
      }),
    )
  }

  testPolicies(
    backend,
    'what comes by the port of a node is a pod to that node, and a node to the next one',
    () => {
      const [first, last] = [world().nodes[0]!.name, world().nodes.at(-1)!.name]
      if (first === last) return Promise.resolve()
      const opened = service('shop/opened', {
        type: 'NodePort',
        selector: { app: 'web' },
        ports: [{ port: 80 }],
      })
      const ingress = (from: object) =>
        kubernetes('only', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [from] }] })
      const egress = (to: object) =>
        kubernetes('only', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [to] }] })
      const table = (port: number, monitor: [string, string], db: [string, string]) => `
      from        | node/${first}:TCP/${port} | node/${last}:TCP/${port}
      ops/monitor | ${monitor.join(' | ')}
      shop/db     | ${db.join(' | ')}`
      // The backend is on the first node, as is the monitor; the database is on the last.
      return withObjects(world(), [opened], async () => {
        const { nodePort } = (await world().kube.get('v1', 'Service', 'opened', 'shop'))!.spec.ports[0]
        expect(await surprises(world(), table(nodePort, ['allow', 'allow'], ['allow', 'allow']))).toEqual([])
        for (const [policy, monitor, db] of [
          [
            ingress({ namespaceSelector: { matchLabels: { team: 'ops' } } }),
            ['allow', 'deny'],
            ['deny', 'deny'],
          ],
          [ingress({ podSelector: { matchLabels: { app: 'db' } } }), ['deny', 'deny'], ['deny', 'deny']],
          // What leads on from the own node is the backend already; what leaves for another one is that node.
          [egress({ podSelector: { matchLabels: { app: 'web' } } }), ['allow', 'allow'], ['deny', 'allow']],
        ] as [KubernetesObject, [string, string], [string, string]][])
          await withObjects(world(), [policy], async () =>
            expect(await surprises(world(), table(nodePort, monitor, db))).toEqual([]),
          )
      })
    },
  )

  testPolicies(backend, 'the silence of a pod that cannot be asked is unproven, and no denial', () => {
    const selector = { matchLabels: { app: 'noshell' } }
    const deny = kubernetes('deny', { podSelector: selector, policyTypes: ['Ingress'] })
    return withObjects(world(), [deny], async () => {
      const table = `
        from        | shop/noshell
        shop/client | unproven`
      expect(await verdicts(world(), table)).toEqual([])
    })
  })

  testPolicies(
    backend,
    'Calico: a policy is read as it was written, with its defaults, by its v3 name',
    async () => {
      const policy = calico('NetworkPolicy', 'written', {
        selector: "app == 'x'",
        egress: [{ action: 'Allow' }],
      })
      const { kube } = world()
      await withObjects(world(), [policy], async () => {
        const expected = { ...policy, spec: { ...policy.spec, tier: 'default', types: ['Egress'] } }
        expect(await kube.get(policy.apiVersion, policy.kind, 'written', 'shop')).toMatchObject(expected)
        expect(await kube.list(policy.apiVersion, policy.kind, { namespace: 'shop' })).toMatchObject([
          expected,
        ])
      })
      expect(await kube.list(policy.apiVersion, policy.kind, { namespace: 'shop' })).toEqual([])
    },
  )

  testPolicies(backend, 'Calico: what it would leave out in silence is refused, by field', async () => {
    const wrong = calico('NetworkPolicy', 'wrong', {
      selector: 'app ==',
      ingress: [{ action: 'Allow', destination: { ports: [80] } }],
    })
    const refused = world().kube.apply([wrong])
    await expect(refused).rejects.toMatchObject({ code: 'bad-input' })
    const { problems } = (await refused.catch((error: unknown) => error)) as { problems: string[] }
    expect(problems.join('\n')).toMatch(/spec\.selector/)
    expect(problems.join('\n')).toMatch(/spec\.ingress\[0\]/)
  })
}
