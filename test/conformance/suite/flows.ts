import { setTimeout as sleep } from 'node:timers/promises'
import type { Flow, PolicyHit } from '../../../src/cluster/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { buildModel, evaluate, type Model } from '../../../src/policy/index.ts'
import { type Part, testPolicies, type World } from '../backend.ts'
import { withObjects } from '../measure.ts'

const staged = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'StagedNetworkPolicy',
  metadata: { name: 'would-deny', namespace: 'shop' },
  spec: {
    selector: "app == 'web'",
    types: ['Ingress'],
    ingress: [{ action: 'Deny', source: { selector: "app == 'client'" } }],
  },
}

export const flows: Part = (world, backend) => {
  test('a connection is seen with both its ends, its port and its node', async () => {
    const { nodes } = world()
    const flow = await seen(world(), toWeb)
    expect(flow).toMatchObject({ protocol: 'TCP', port: 80, from: 'shop/client', to: 'shop/web' })
    expect(nodes.map(({ name }) => name)).toContain(flow.node)
    if (backend.logsFlows) expect(flow).toMatchObject({ basis: 'flow-log', action: 'allow' })
    // Samples know no more than that; which is said by what they are.
    if (flow.basis !== 'flow-log') expect(flow).toMatchObject({ action: null, enforced: [], pending: [] })
  })

  testPolicies(
    backend,
    'a staged policy stops nothing, and a flow log tells what it would have stopped',
    () =>
      withObjects(world(), [staged], async () => {
        const isPending = ({ pending }: Flow) => pending.some(({ name }) => name === 'would-deny')
        const flow = await seen(
          world(),
          (flow) => toWeb(flow) && (flow.basis !== 'flow-log' || isPending(flow)),
        )
        if (backend.logsFlows) expect(flow.basis).toBe('flow-log')
        if (flow.basis !== 'flow-log') return
        expect(flow).toMatchObject({ action: 'allow', reporter: 'destination' })
        expect(flow.pending).toContainEqual(
          expect.objectContaining({ kind: 'StagedNetworkPolicy', namespace: 'shop', action: 'Deny' }),
        )
        expect(flow.enforced.map(({ name }) => name)).not.toContain('would-deny')
      }),
  )

  if (!backend.logsFlows) return

  test.each(Object.entries(previews))(
    'what is pending in the log is what is predicted: %s',
    async (_, policies) => {
      await withObjects(world(), policies, async () => {
        for (const pending of [false, true]) {
          const flow = await seen(world(), (flow) => toWeb(flow) && flow.reporter === 'destination')
          const { ingress } = evaluate(await modelOf(world()), question, { pending })
          const told = pending ? flow.pending : flow.enforced
          expect(told.map(decisionOf)).toEqual(
            ingress!.trace.map(
              ({ name, action, rule }) => `${name} ${action} ${rule === null ? 'end' : 'rule'}`,
            ),
          )
        }
      })
    },
  )

  test('what a policy denies is told where it is denied, once, and not where it never comes', async () => {
    await withObjects(world(), [closed], async () => {
      const flow = await seen(world(), toWeb)
      expect(flow).toMatchObject({ action: 'deny', reporter: 'source', enforced: [{ kind: 'EndOfTier' }] })
      expect(flow.pending).toEqual(flow.enforced)
    })
  })
}

const question = { source: 'shop/client', destination: 'shop/web', protocol: 'TCP', port: 80 } as const

function onWeb(name: string, kind: string, spec: object): KubernetesObject {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind,
    metadata: { name, namespace: 'shop' },
    spec: { selector: "app == 'web'", types: ['Ingress'], ...spec },
  }
}

const previews: Record<string, KubernetesObject[]> = {
  'a rule that denies': [onWeb('no', 'StagedNetworkPolicy', { ingress: [{ action: 'Deny' }] })],
  'the end of a tier': [onWeb('none', 'StagedNetworkPolicy', { ingress: [] })],
  'a pass before an enforced allow': [
    onWeb('early', 'StagedNetworkPolicy', { order: 1, ingress: [{ action: 'Pass' }] }),
    onWeb('late', 'NetworkPolicy', { order: 2, ingress: [{ action: 'Allow' }] }),
  ],
  'a staged one that is never asked': [
    onWeb('early', 'NetworkPolicy', { order: 1, ingress: [{ action: 'Allow' }] }),
    onWeb('late', 'StagedNetworkPolicy', { order: 2, ingress: [{ action: 'Deny' }] }),
  ],
}

const closed: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed', namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app: 'client' } }, policyTypes: ['Egress'] },
}

function decisionOf({ name, action, trigger }: PolicyHit): string {
  return `${trigger?.name ?? name} ${action.toLowerCase()} ${trigger ? 'end' : 'rule'}`
}

async function modelOf({ kube }: World): Promise<Model> {
  const kinds = [
    ...['Namespace', 'Node', 'Pod', 'ServiceAccount'].map((kind) => ['v1', kind] as const),
    ...['NetworkPolicy', 'StagedNetworkPolicy'].map((kind) => ['projectcalico.org/v3', kind] as const),
  ]
  return buildModel(
    (await Promise.all(kinds.map(([apiVersion, kind]) => kube.list(apiVersion, kind)))).flat(),
  )
}

function toWeb({ from, to, protocol, port }: Flow): boolean {
  return from === 'shop/client' && to === 'shop/web' && protocol === 'TCP' && port === 80
}

/** The first flow of that kind, while the client connects to the web server again and again. */
async function seen({ cluster, kube }: World, isWanted: (flow: Flow) => boolean): Promise<Flow> {
  const { status } = (await kube.get('v1', 'Pod', 'web', 'shop'))!
  const done = new AbortController()
  const connecting = (async () => {
    const command = ['/agnhost', 'connect', `${status.podIP}:80`, '--timeout=1s']
    while (!done.signal.aborted) {
      await kube.exec({ namespace: 'shop', pod: 'client', command })
      await sleep(200)
    }
  })()
  try {
    // Felix looks for readers every 10 s, for the one before this one first, and tells of its flows every 5 s.
    for await (const flow of cluster.flows({ durationMs: 45_000, signal: done.signal })) {
      if (isWanted(flow)) return flow
    }
    throw new Error('no such flow was seen')
  } finally {
    done.abort()
    await connecting
  }
}
