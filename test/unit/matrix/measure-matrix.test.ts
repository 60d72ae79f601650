import type { Abilities } from '../../../src/cluster/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type Expectation, measureMatrix } from '../../../src/matrix/index.ts'
import { fakeKube, sampleObjects } from './sample-cluster.ts'

const abilities: Abilities = {
  policyApis: [],
  protocols: ['TCP'],
  nodeShell: false,
  probeTimeoutMs: 400,
  dataplane: 'unknown',
  sharesPolicyModel: false,
}

const web80: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web-80', namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ ports: [{ port: 80 }] }] },
}

test.each<[port: number, Expectation | null, timeoutMs: number | undefined, waits: number]>([
  [80, 'allow', undefined, 3000],
  [80, null, undefined, 3000],
  [80, 'deny', undefined, 400],
  [81, 'deny', undefined, 400],
  [81, null, undefined, 400],
  [80, 'unproven', undefined, 400],
  // The engine says that it is denied.
  [81, 'allow', undefined, 400],
  [80, 'allow', 200, 200],
  [81, 'deny', 5000, 5000],
])(
  'port %d of web, expected %j, within %j ms: waited for %d ms',
  async (port, expectation, timeoutMs, waits) => {
    const kube = fakeKube([...sampleObjects, web80], () => 'OK')
    await measureMatrix({
      kube,
      abilities,
      questions: [{ from: 'shop/client', to: 'shop/web', protocol: 'TCP', port, expectation }],
      ...(timeoutMs && { timeoutMs }),
    })
    const waited = (pod: string) =>
      kube.execs
        .find((exec) => exec.pod === pod)!
        .stdin!.split('\n')[0]!
        .split('\t')[5]
    expect(Number(waited('client'))).toBe(waits)
    // A pod that asks itself is answered or refused.
    expect(Number(waited('web'))).toBe(timeoutMs ?? 3000)
  },
)

test.each<[Expectation, string]>([
  ['deny', 'p1\t2\ttcp\tweb\t80\t400\tsilent\t3000'],
  ['dns-failure', 'p1\t2\ttcp\tweb\t80\t400'],
])('a name that is foreseen to resolve has a time of its own; expected %j', async (expectation, line) => {
  const kube = fakeKube([...sampleObjects, web80], () => 'TIMEOUT')
  const questions = [{ from: 'shop/client', to: 'name:web', protocol: 'TCP' as const, port: 80, expectation }]
  await measureMatrix({ kube, abilities, questions })
  expect(kube.execs.find(({ pod }) => pod === 'client')!.stdin!.split('\n')[0]).toBe(line)
})
