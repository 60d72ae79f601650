import { run } from '../../../src/exec.ts'
import { inspectPod, renderInspection } from '../../../src/inspect/index.ts'
import { type Part, testPolicies } from '../backend.ts'

export const node: Part = (world, backend) => {
  test('a command runs on the node that was named, with its exit code and its input', async () => {
    const { cluster, nodes } = world()
    for (const { name, address } of nodes) {
      const { stdout } = await cluster.runOnNode(name, ['ip', '-4', 'addr'])
      expect(stdout).toContain(`${address}/`)
    }
    const echoed = await cluster.runOnNode(nodes[0]!.name, ['cat'], { stdin: 'hello' })
    expect(echoed.stdout).toBe('hello')
    const failed = await cluster.runOnNode(nodes[0]!.name, ['sh', '-c', 'exit 3'], { allowFailure: true })
    expect(failed.code).toBe(3)
  })

  test('the line that is shown for a node can be pasted', async () => {
    const { cluster, nodes } = world()
    const { name, address } = nodes.at(-1)!
    await cluster.runOnNode(name, ['true'])
    const { stdout } = await run(cluster.nodeCommand(name, ['ip', '-4', 'addr'], 'now'))
    expect(stdout).toContain(`${address}/`)
  })

  test('a pod is followed down to its processes, its cable and its routes', async () => {
    const { cluster, kube } = world()
    const inspection = await inspectPod({ cluster, kube, pod: 'shop/web' })
    expect(inspection.containers.map(({ name, pid }) => [name, pid > 1])).toEqual([
      ['main', true],
      ['main2', true],
    ])
    expect(inspection.namespaces.net).toMatch(/^\d+$/)
    expect(inspection.veth.podInterface).toBe('eth0')
    const { status } = (await kube.get('v1', 'Pod', 'web', 'shop'))!
    expect(inspection.address).toBe(status.podIP)
    const text = renderInspection(inspection)
    for (const title of ['CONTAINERS', 'NAMESPACES', 'VETH PAIR', 'ROUTES IN THE POD', 'CGROUP'])
      expect(text).toContain(title)
  })

  testPolicies(
    backend,
    'the rules of a pod are shown with their counters, under the names that Calico gives',
    async () => {
      const { cluster, kube } = world()
      const inspection = await inspectPod({ cluster, kube, pod: 'shop/web' })
      // cali, and 11 digits of sha1("shop.web")
      expect(inspection.veth.nodeInterface).toBe('cali551b05c3e54')
      expect(inspection.rules.length).toBeGreaterThan(2)
      expect(inspection.rules.some(({ packets }) => packets !== null)).toBe(true)
      expect(inspection.rules.map(({ chain }) => chain)).toContainEqual(
        expect.stringMatching(/^(filter-)?cali-(tw|fw)-cali/),
      )
    },
  )
}
