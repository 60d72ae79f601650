import type { Cluster } from '../../../src/cluster/index.ts'
import { inspectPod, renderInspection } from '../../../src/inspect/index.ts'
import type { KubeClient } from '../../../src/kube/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'

const web: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { nodeName: 'node-1' },
  status: {
    podIP: '192.168.1.5',
    containerStatuses: [{ name: 'c', containerID: 'runc://abc', state: { running: {} } }],
  },
}

/** Answers of a node, by the end of the command. */
const answers: Record<string, string> = {
  'runc state abc': '{"pid":42}',
  'nsenter -t 42 -n ip -j addr': '[{"ifindex":2,"ifname":"eth0","link_index":9}]',
  'ip -j addr':
    '[{"ifindex":2,"ifname":"eth0"},{"ifindex":9,"ifname":"cali111","link_index":2},{"ifindex":8,"ifname":"cali222","link_index":2}]',
  'nsenter -t 42 -n ip -br addr': 'eth0@if9 UP 192.168.1.5/32\n',
  'nsenter -t 42 -n ip route': 'default via 169.254.1.1 dev eth0\n',
  'ip route get 192.168.1.5': '192.168.1.5 dev cali111\n',
  'ls -l /proc/42/ns': 'l 0 root net -> net:[4026532937]\nl 0 root pid_for_children -> pid:[1]\n',
  'cat /proc/42/cgroup': '0::/ztlab/x\n',
  'nft list table inet calico': 'table inet calico {\n\tchain filter-cali-fw-cali111 {\n\t\tdrop\n\t}\n}\n',
}

function fakes(pod: KubernetesObject | null = web) {
  const cluster = {
    name: 'c1',
    backend: 'embedded',
    abilities: { nodeShell: true, dataplane: 'nft' },
    nodeCommand: (node: string, argv: string[]) => ['on', node, ...argv],
    runOnNode: async (_node: string, argv: string[]) => {
      const stdout = answers[argv.join(' ')]
      if (stdout === undefined) throw new Error(`no answer to ${argv.join(' ')}`)
      return { stdout, code: 0 }
    },
  } as unknown as Cluster
  const kube = { get: async () => pod, list: async () => (pod ? [pod] : []) } as unknown as KubeClient
  return { cluster, kube }
}

test('follows a pod from its PID to its rules', async () => {
  const inspection = await inspectPod({ ...fakes(), pod: 'shop/web' })
  expect(inspection).toMatchObject({
    node: 'node-1',
    address: '192.168.1.5',
    containers: [{ name: 'c', pid: 42 }],
    namespaces: { net: '4026532937' },
    veth: { podInterface: 'eth0', podIndex: 2, nodeInterface: 'cali111', nodeIndex: 9 },
    rules: [{ chain: 'filter-cali-fw-cali111', rule: 'drop', packets: null }],
    cgroups: ['0::/ztlab/x'],
  })
})

test('rules that lead ports of the node to the pod are shown, in whichever way the node keeps them', async () => {
  const object: KubernetesObject = {
    ...web,
    spec: { nodeName: 'node-1', containers: [{ ports: [{ containerPort: 80, hostPort: 8080 }] }] },
  }
  const portsOn = async (kept: Record<string, string>) => {
    const { cluster, kube } = fakes(object)
    const { runOnNode } = cluster
    cluster.runOnNode = async (node, argv, options) => {
      const stdout = kept[argv.join(' ')]
      if (stdout === undefined && !options?.allowFailure) return runOnNode(node, argv, options)
      if (argv[0] === 'runc') return runOnNode(node, argv, options)
      return { stdout: stdout ?? '', code: stdout === undefined ? 1 : 0 } as Awaited<
        ReturnType<typeof runOnNode>
      >
    }
    const { sections } = await inspectPod({ cluster, kube, pod: 'shop/web' })
    return sections
      .filter(({ title }) => title === 'ports of the node')
      .map(({ lines, command }) => [command, lines])
  }
  const own = '\t\ttcp dport 8080 dnat to 192.168.1.5:80 comment "shop/web"\n'
  const other = '\t\ttcp dport 8081 dnat to 192.168.1.50:80 comment "shop/api"\n'
  expect(await portsOn({ 'nft list table ip cni_hostport': own + other })).toEqual([
    [
      'on node-1 nft list table ip cni_hostport',
      ['tcp dport 8080 dnat to 192.168.1.5:80 comment "shop/web"'],
    ],
  ])
  const service = '-A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 192.168.1.5:80'
  const rule = '-A CNI-DN-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.1.5:80'
  expect(await portsOn({ 'iptables-save -t nat': `*nat\n${rule}\n${service}\nCOMMIT\n` })).toEqual([
    ['on node-1 iptables-save -t nat', [rule]],
  ])
  expect(await portsOn({})).toEqual([])
})

test('where runc cannot say, its file does: without the cgroups of version 2 it refuses', async () => {
  const { cluster, kube } = fakes()
  const { runOnNode } = cluster
  cluster.runOnNode = async (node, argv, options) => {
    if (argv.join(' ') === 'cat /run/runc/abc/state.json')
      return { stdout: '{"init_process_pid":42}', code: 0 } as Awaited<ReturnType<typeof runOnNode>>
    if (argv[0] === 'runc') return { stdout: '', code: 1 } as Awaited<ReturnType<typeof runOnNode>>
    return runOnNode(node, argv, options)
  }
  const { containers, sections } = await inspectPod({ cluster, kube, pod: 'shop/web' })
  expect(containers).toMatchObject([{ name: 'c', pid: 42 }])
  expect(sections[0]!.command).toBe('on node-1 cat /run/runc/abc/state.json')
})

test('every section carries the command that shows it', async () => {
  const inspection = await inspectPod({ ...fakes(), pod: 'shop/web' })
  expect(inspection.sections.map(({ command }) => command)).toEqual([
    'on node-1 runc state abc',
    'on node-1 ls -l /proc/42/ns',
    'on node-1 ip link show dev cali111',
    'on node-1 nsenter -t 42 -n ip -br addr',
    'on node-1 nsenter -t 42 -n ip route',
    'on node-1 ip route get 192.168.1.5',
    'on node-1 nft list table inet calico',
    'on node-1 cat /proc/42/cgroup',
  ])
  const text = renderInspection(inspection)
  for (const { title, command } of inspection.sections) {
    expect(text).toContain(title.toUpperCase())
    expect(text).toContain(`$ ${command}`)
  }
})

test.each([
  ['web', 'bad-input', web],
  ['a/b/c', 'bad-input', web],
  ['shop/web', 'not-found', null],
  ['shop/web', 'not-found', { ...web, status: { phase: 'Pending' } }],
])('%s: %s', async (name, code, object) => {
  const error = await inspectPod({ ...fakes(object), pod: name }).catch((thrown) => thrown)
  expect(error).toMatchObject({ code, hint: expect.any(String) })
})

test('a pod none of whose containers runs: why, of each', async () => {
  const state = { waiting: { reason: 'CrashLoopBackOff' } }
  const crashing = { ...web, status: { phase: 'Running', containerStatuses: [{ name: 'main', state }] } }
  await expect(inspectPod({ ...fakes(crashing), pod: 'shop/web' })).rejects.toMatchObject({
    cause: 'the pod is Running; main: CrashLoopBackOff',
  })
})

test('a runtime that does not know a container that the API shows is no bad input', async () => {
  const { cluster, kube } = fakes()
  const silent = { stdout: '', code: 1 } as Awaited<ReturnType<Cluster['runOnNode']>>
  cluster.runOnNode = async () => silent
  const error = await inspectPod({ cluster, kube, pod: 'shop/web' }).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'command-failed', exitCode: 3 })
})
