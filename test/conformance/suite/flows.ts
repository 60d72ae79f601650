import { setTimeout as sleep } from 'node:timers/promises'
import type { Flow } from '../../../src/cluster/index.ts'
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
    // Samples know no more than that; which is said by what they are.
    if (flow.basis !== 'flow-log') expect(flow).toMatchObject({ action: null, enforced: [], pending: [] })
  }, 90_000)

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
        if (flow.basis !== 'flow-log') return
        expect(flow).toMatchObject({ action: 'allow', reporter: 'destination' })
        expect(flow.pending).toContainEqual(
          expect.objectContaining({ kind: 'StagedNetworkPolicy', namespace: 'shop', action: 'Deny' }),
        )
        expect(flow.enforced.map(({ name }) => name)).not.toContain('would-deny')
      }),
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
