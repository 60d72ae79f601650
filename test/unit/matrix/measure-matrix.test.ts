import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type Expectation, measureMatrix } from '../../../src/matrix/index.ts'
import { fakeKube, sampleObjects } from './sample-cluster.ts'

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
      abilities: {
        policyApis: [],
        protocols: ['TCP'],
        nodeShell: false,
        probeTimeoutMs: 400,
        dataplane: 'unknown',
        sharesPolicyModel: false,
      },
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
