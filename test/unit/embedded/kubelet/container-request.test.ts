import { containerRequest } from '../../../../src/embedded/kubelet/container-request.ts'
import { serviceEnv } from '../../../../src/embedded/kubelet/service-env.ts'
import { parseQuantity } from '../../../../src/embedded/quantity.ts'
import { ImageStore } from '../../../../src/embedded/runtime/index.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [] },
}
const configMap: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'page', namespace: 'shop' },
  data: { title: 'Hello' },
}
const secret: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'key', namespace: 'shop' },
  data: { password: Buffer.from('s3cret').toString('base64') },
}
const images = new ImageStore({ busybox: '/layers/busybox', agnhost: '/layers/agnhost' }, '/nowhere')
const context = {
  image: images.find('registry.k8s.io/e2e-test-images/agnhost:2.53')!,
  mounts: () => [],
  sources: {
    configMap: (name: string) => (name === 'page' ? configMap : undefined),
    secret: (name: string) => (name === 'key' ? secret : undefined),
    place: {
      nodeName: 'node-1',
      hostIps: ['172.18.0.2'],
      podIps: ['192.168.8.1'],
      allocatable: { cpu: '2', memory: '4Gi' },
    },
  },
  memoryBytes: 4 * 1024 ** 3,
  serviceEnv: { WEB_SERVICE_HOST: '10.96.0.9' },
  hostname: 'web',
  cgroupsPath: '/ztlab/x',
  mapsUserRange: true,
}
const requestOf = (container: object, changes: object = {}) =>
  containerRequest(pod, { name: 'c', ...container }, { ...context, ...changes })

test.each([
  [{}, ['/agnhost', 'pause']],
  [{ args: ['netexec'] }, ['/agnhost', 'netexec']],
  [{ command: ['sleep', '1'] }, ['sleep', '1']],
  [{ command: ['sh', '-c'], args: ['echo'] }, ['sh', '-c', 'echo']],
])("%j with an image's own entrypoint and command runs %j", (container, args) => {
  expect(requestOf(container).args).toEqual(args)
})

test('$(NAME) is the value of a variable, $$(NAME) stays, an unknown name stays', () => {
  const { args, env } = requestOf({
    command: ['echo', '$(A)', '$$(A)', '$(NO)'],
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)-$(WEB_SERVICE_HOST)' },
    ],
  })
  expect(args).toEqual(['echo', '1', '$(A)', '$(NO)'])
  expect(env.B).toBe('1-10.96.0.9')
})

test("a reference is to the pod's own variables: none of the image, none of Object", () => {
  const words = ['$(PATH)', '$(HOSTNAME)', '$(constructor)', '$(B)', '$(A', '$$$(A)', '$']
  const { args, env } = requestOf({
    command: words,
    env: [
      { name: 'B', value: '$(A)' },
      { name: 'A', value: '1' },
      { name: 'PATHS', value: '/own:$(PATH)' },
    ],
  })
  expect(args).toEqual(['$(PATH)', '$(HOSTNAME)', '$(constructor)', '$(A)', '$(A', '$1', '$'])
  expect(env).toMatchObject({ PATHS: '/own:$(PATH)', HOSTNAME: 'web' })
})

test('the bytes of a ConfigMap are no variables', () => {
  const bytes = { ...configMap, binaryData: { logo: 'AAAA' } }
  const sources = { ...context.sources, configMap: () => bytes }
  const { env } = requestOf({ envFrom: [{ configMapRef: { name: 'page' } }] }, { sources })
  expect(env).toMatchObject({ title: 'Hello' })
  expect(env).not.toHaveProperty('logo')
})

test('capabilities are the default set without what is dropped and with what is added', () => {
  const { capabilities } = requestOf({
    securityContext: { capabilities: { drop: ['ALL'], add: ['NET_RAW'] } },
  })
  expect(capabilities).toEqual(['CAP_NET_RAW'])
})

test('another user than root is refused where one ID alone is mapped', () => {
  const container = { securityContext: { runAsUser: 1000 } }
  expect(requestOf(container).user.uid).toBe(1000)
  expect(() => requestOf(container, { mapsUserRange: false })).toThrow(/runAsUser 1000.*uidmap/)
})

test('runAsNonRoot refuses an image that runs as root', () => {
  expect(() => requestOf({ securityContext: { runAsNonRoot: true } })).toThrow(/runAsNonRoot/)
})

test('limits become memory, quota and shares; without a cgroup nothing is asked of the runtime', () => {
  const container = { resources: { limits: { cpu: '250m', memory: '64Mi' } } }
  expect(requestOf(container).resources).toEqual({
    memory: { limit: 67_108_864 },
    cpu: { shares: 256, period: 100_000, quota: 25_000 },
  })
  expect(requestOf(container, { cgroupsPath: undefined }).resources).toBeUndefined()
})

test.each([
  ['1', 1],
  ['250m', 0.25],
  ['64Mi', 67_108_864],
  ['1e3', 1000],
  ['2k', 2000],
  ['nonsense', Number.NaN],
])('quantity %s is %d', (text, value) => {
  expect(parseQuantity(text)).toBe(value)
})

test('a pod is told of the Services of its own namespace and of the API server', () => {
  const service = (name: string, namespace: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { clusterIP: '10.96.0.9', ports: [{ name: 'http', port: 80 }] },
  })
  const services = [
    service('my-web', 'shop'),
    service('other', 'elsewhere'),
    service('kubernetes', 'default'),
  ]
  const env = serviceEnv(pod, services)
  expect(env).toMatchObject({
    MY_WEB_SERVICE_HOST: '10.96.0.9',
    MY_WEB_SERVICE_PORT: '80',
    MY_WEB_SERVICE_PORT_HTTP: '80',
    KUBERNETES_SERVICE_HOST: '10.96.0.9',
    MY_WEB_PORT: 'tcp://10.96.0.9:80',
    MY_WEB_PORT_80_TCP: 'tcp://10.96.0.9:80',
    MY_WEB_PORT_80_TCP_PROTO: 'tcp',
    MY_WEB_PORT_80_TCP_PORT: '80',
    MY_WEB_PORT_80_TCP_ADDR: '10.96.0.9',
  })
  expect(env.OTHER_SERVICE_HOST).toBeUndefined()
  const unlinked = serviceEnv({ ...pod, spec: { enableServiceLinks: false } }, services)
  expect(Object.keys(unlinked).every((name) => name.startsWith('KUBERNETES_'))).toBe(true)
})

test('variables come from the pod, its resources, ConfigMaps and Secrets', () => {
  const from = (name: string, valueFrom: object) => ({ name, valueFrom })
  const { env } = requestOf({
    resources: { limits: { cpu: '250m', memory: '64Mi' } },
    envFrom: [{ prefix: 'PAGE_', configMapRef: { name: 'page' } }],
    env: [
      from('POD', { fieldRef: { fieldPath: 'metadata.name' } }),
      from('NODE', { fieldRef: { fieldPath: 'spec.nodeName' } }),
      from('IP', { fieldRef: { fieldPath: 'status.podIP' } }),
      from('MILLICPU', { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } }),
      from('MEMORY', { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } }),
      from('PASSWORD', { secretKeyRef: { name: 'key', key: 'password' } }),
      from('ABSENT', { configMapKeyRef: { name: 'no', key: 'no', optional: true } }),
      { name: 'GREETING', value: '$(PAGE_title), $(POD)' },
    ],
  })
  expect(env).toMatchObject({
    PAGE_title: 'Hello',
    POD: 'web',
    NODE: 'node-1',
    IP: '192.168.8.1',
    MILLICPU: '250',
    MEMORY: '64',
    PASSWORD: 's3cret',
    GREETING: 'Hello, web',
  })
  expect(env).not.toHaveProperty('ABSENT')
})

test('a source that is not there keeps the container waiting, by name', () => {
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'key', key: 'user' } } }]
  expect(() => requestOf({ env })).toThrow("couldn't find key user in Secret shop/key")
  expect(() => requestOf({ envFrom: [{ configMapRef: { name: 'no' } }] })).toThrow('configmap "no" not found')
})
