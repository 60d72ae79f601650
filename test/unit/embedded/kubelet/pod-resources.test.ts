import { podLimits } from '../../../../src/embedded/kubelet/pod-resources.ts'
import { qosClass } from '../../../../src/embedded/qos-class.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const with_ = (limits: object, requests: object = limits) => ({ resources: { limits, requests } })
const podOf = (containers: object[], initContainers: object[] = []): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers, initContainers },
})
const small = with_({ cpu: '100m', memory: '10Mi' })
const large = with_({ cpu: '1', memory: '100Mi' })
const sidecar = { ...small, restartPolicy: 'Always' }
const mebi = 1_048_576

test.each([
  ['containers', podOf([small, small]), { cpuShares: 204, cpuQuota: 20_000, memoryBytes: 20 * mebi }],
  [
    'a sidecar beside them',
    podOf([small], [sidecar]),
    { cpuShares: 204, cpuQuota: 20_000, memoryBytes: 20 * mebi },
  ],
  [
    'an init container that needs more',
    podOf([small], [large]),
    { cpuShares: 1024, cpuQuota: 100_000, memoryBytes: 100 * mebi },
  ],
  [
    'an init container after a sidecar',
    podOf([small], [sidecar, large]),
    { cpuShares: 1126, cpuQuota: 110_000, memoryBytes: 110 * mebi },
  ],
  [
    'one without limits',
    podOf([small, { resources: {} }]),
    { cpuShares: 102, cpuQuota: null, memoryBytes: null },
  ],
  [
    'an init container without limits',
    podOf([small], [{}]),
    { cpuShares: 102, cpuQuota: null, memoryBytes: null },
  ],
  ['none', podOf([{}]), { cpuShares: 2, cpuQuota: null, memoryBytes: null }],
])('what a pod may use: %s', (_what, pod, expected) => {
  expect(podLimits(pod)).toEqual(expected)
})

test('init containers count for the class of service', () => {
  expect(qosClass(podOf([small]).spec)).toBe('Guaranteed')
  expect(qosClass(podOf([small], [{}]).spec)).toBe('Burstable')
  expect(qosClass(podOf([{}]).spec)).toBe('BestEffort')
})
