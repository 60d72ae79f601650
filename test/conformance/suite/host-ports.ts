import { inspectPod } from '../../../src/inspect/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type Part, testPolicies } from '../backend.ts'
import { surprises, withObjects } from '../measure.ts'
import { podWithPorts } from '../workloads.ts'

const [containerPort, hostPort] = [80, 18080]

/** Ports of a node that lead to a pod on it, as every pod finds them, whatever leads there. */
export const hostPorts: Part = (world, backend) => {
  const node = () => world().nodes[0]!
  const landing = () =>
    podWithPorts('shop/landing', {
      node: node().name,
      labels: { app: 'landing' },
      ports: [[{ containerPort, hostPort }]],
    })
  const inPod = async (pod: string, command: string[]) =>
    (await world().kube.exec({ namespace: 'shop', pod, container: 'main', command })).stdout.trim()
  const ask = (pod: string) => inPod(pod, ['wget', '-qO-', `http://${node().address}:${hostPort}/hostname`])
  /** Empty where somebody listens. */
  const connect = (pod: string) =>
    inPod(pod, [
      'sh',
      '-c',
      '/agnhost connect "$0" --timeout=20s 2>&1 || true',
      `${node().address}:${hostPort}`,
    ])
  const whileItStands = (body: () => Promise<void>) => {
    const pod = landing()
    return withObjects(world(), [pod], async () => {
      await world().kube.waitReady([pod], { timeoutMs: 60_000 })
      await body()
    })
  }

  test('a port of the node leads to its pod, from every node and from the pod itself, and no longer than it stands', async () => {
    await whileItStands(async () => {
      const { cluster, kube } = world()
      const { sections } = await inspectPod({ cluster, kube, pod: 'shop/landing' })
      const shown = sections.find(({ title }) => title === 'ports of the node')
      expect(shown?.lines).toEqual([
        expect.stringMatching(new RegExp(`dport ${hostPort} .*:${containerPort}\\b`)),
      ])
      for (const pod of ['client', 'web', 'landing']) expect([pod, await ask(pod)]).toEqual([pod, 'landing'])
    })
    for (const pod of ['client', 'web']) expect([pod, await connect(pod)]).toEqual([pod, 'REFUSED'])
  })

  testPolicies(
    backend,
    'policies see the port of the pod, and from its own node the pods that ask; so it is predicted',
    async () => {
      const policy = (rule: object): KubernetesObject => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'landing', namespace: 'shop' },
        spec: { podSelector: { matchLabels: { app: 'landing' } }, ingress: [rule] },
      })
      const table = (near: string, far: string) => `
      from        | node/${node().name}:TCP/${hostPort}
      shop/web    | ${near}
      shop/client | ${far}`
      const web = { podSelector: { matchLabels: { app: 'web' } } }
      await whileItStands(async () => {
        for (const [rule, near, far] of [
          [{ ports: [{ port: containerPort }] }, 'allow', 'allow'],
          [{ ports: [{ port: hostPort }] }, 'deny', 'deny'],
          // From another node it comes under that node's address.
          [{ from: [web] }, 'allow', 'deny'],
        ] as [object, string, string][])
          await withObjects(world(), [policy(rule)], async () =>
            expect(await surprises(world(), table(near, far))).toEqual([]),
          )
      })
    },
  )
}
