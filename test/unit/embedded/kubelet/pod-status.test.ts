import { type ContainerRecord, podStatus } from '../../../../src/embedded/kubelet/pod-status.ts'
import { qosClass } from '../../../../src/embedded/qos-class.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const now = new Date('2026-01-02T03:04:05.678Z')
const running = { running: { startedAt: '2026-01-02T03:04:05Z' } }
const ended = (exitCode: number) => ({
  terminated: { exitCode, reason: 'x', startedAt: '', finishedAt: '', containerID: '' },
})

const pod = (spec: object = {}, status: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'c' }], ...spec },
  status,
})
const record = (changes: Partial<ContainerRecord>): ContainerRecord => ({
  name: 'c',
  image: 'busybox',
  imageId: 'busybox',
  containerId: 'abc',
  state: running,
  lastState: {},
  restartCount: 0,
  ready: true,
  started: true,
  ...changes,
})

// biome-ignore lint/suspicious/noExplicitAny: a status, read here alone
const statusOf = (object: KubernetesObject, ...containers: ContainerRecord[]): any =>
  podStatus(
    object,
    { hostIps: ['172.18.0.2'], podIps: ['192.168.8.1'], startTime: '', sandboxReady: true, containers },
    now,
  )
const conditionOf = (status: { conditions: { type: string }[] }, type: string) =>
  status.conditions.find((each) => each.type === type)

test.each([
  ['Always', [ended(0)], 'Running'],
  ['OnFailure', [ended(0)], 'Succeeded'],
  ['OnFailure', [ended(1)], 'Running'],
  ['Never', [ended(0)], 'Succeeded'],
  ['Never', [ended(0), ended(3)], 'Failed'],
  ['Never', [ended(0), running], 'Running'],
  ['Always', [{ waiting: { reason: 'ContainerCreating' } }, running], 'Pending'],
])('restartPolicy %s with %j is phase %s', (restartPolicy, states, phase) => {
  const records = states.map((state) => record({ state, ready: 'running' in state }))
  expect(statusOf(pod({ restartPolicy }), ...records).phase).toBe(phase)
})

test.each([
  [0, 'Succeeded'],
  [137, 'Failed'],
])('a pod that is deleted has ended once its containers have, whatever restarts: %d is %s', (code, phase) => {
  const going = pod({ restartPolicy: 'Always' })
  const metadata = { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
  expect(statusOf({ ...going, metadata }, record({ state: ended(code), ready: false })).phase).toBe(phase)
})

test('a container that waits after a crash leaves the pod Running', () => {
  const crashed = record({
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: ended(1),
    ready: false,
  })
  expect(statusOf(pod(), crashed).phase).toBe('Running')
})

test('a pod is Ready when all its containers are, and says which are not', () => {
  expect(conditionOf(statusOf(pod(), record({})), 'Ready')).toMatchObject({ status: 'True' })
  expect(conditionOf(statusOf(pod(), record({ ready: false })), 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [c]',
  })
})

test('conditions of others stay, and a transition time changes only with the status', () => {
  const before = pod(
    {},
    {
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
    },
  )
  const status = statusOf(before, record({}))
  expect(conditionOf(status, 'PodScheduled')).toEqual({ type: 'PodScheduled', status: 'True' })
  expect(conditionOf(status, 'Ready')).toMatchObject({ lastTransitionTime: '2026-01-01T00:00:00Z' })
  expect(conditionOf(statusOf(before, record({ ready: false })), 'Ready')).toMatchObject({
    lastTransitionTime: '2026-01-02T03:04:05Z',
  })
})

test('a container ID names its runtime', () => {
  expect(statusOf(pod(), record({})).containerStatuses[0].containerID).toBe('runc://abc')
})

test.each([
  [{}, 'BestEffort'],
  [{ requests: { cpu: '1' } }, 'Burstable'],
  [{ requests: { cpu: '0', memory: '0' } }, 'BestEffort'],
  [{ requests: { 'ephemeral-storage': '1Gi' } }, 'BestEffort'],
  [{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } }, 'Guaranteed'],
  [{ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
  [{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } }, 'Burstable'],
])('resources %j are %s', (resources, expected) => {
  expect(qosClass(pod({ containers: [{ name: 'c', resources }] }).spec)).toBe(expected)
})

describe('init containers', () => {
  const initPod = (restartPolicy = 'Always') =>
    pod({ restartPolicy, initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }] })
  const facts = (setup: object, proxy: object, main: object) => ({
    hostIps: ['172.18.0.2'],
    podIps: ['192.168.8.1'],
    startTime: '',
    sandboxReady: true,
    initContainers: [record({ name: 'setup', ...setup }), record({ name: 'proxy', ...proxy })],
    containers: [record(main)],
  })
  const waiting = { state: { waiting: { reason: 'PodInitializing' } }, ready: false, started: false }
  // biome-ignore lint/suspicious/noExplicitAny: a status, read here alone
  const of = (...states: [object, object, object]): any => podStatus(initPod(), facts(...states), now)

  test('while one runs, the pod is Pending and not initialized', () => {
    const status = of({ ready: false }, waiting, waiting)
    expect(status.phase).toBe('Pending')
    expect(conditionOf(status, 'Initialized')).toMatchObject({
      status: 'False',
      message: 'containers with incomplete status: [setup proxy]',
    })
  })

  test('a sidecar only has to start, and the pod is ready only with it', () => {
    const done = { state: ended(0), ready: false }
    const status = of(done, { ready: false }, {})
    expect(conditionOf(status, 'Initialized')).toMatchObject({ status: 'True' })
    expect(conditionOf(status, 'Ready')).toMatchObject({ message: 'containers with unready status: [proxy]' })
    expect(status.initContainerStatuses).toHaveLength(2)
  })

  test('a pod is over once its sidecars are', () => {
    const done = { state: ended(0), ready: false }
    const phaseWith = (sidecar: object) =>
      podStatus(initPod('Never'), facts(done, sidecar, { state: ended(0), ready: false }), now)
    expect(phaseWith({ ready: true })).toMatchObject({ phase: 'Running' })
    expect(phaseWith({ state: ended(137), ready: false })).toMatchObject({ phase: 'Succeeded' })
  })

  test('with restartPolicy Never a failed one fails the pod', () => {
    const status = podStatus(initPod('Never'), facts({ state: ended(1) }, waiting, waiting), now)
    expect(status).toMatchObject({ phase: 'Failed' })
  })
})
