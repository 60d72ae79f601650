import { serviceWaits, whyServiceWaits } from '../../../src/kube/wait-service.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'

const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' } },
}
const pod = (name: string, labels: Record<string, string>, namespace = 'shop'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
})
const slice = (endpoints: { name: string; ready?: boolean }[]): KubernetesObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  endpoints: endpoints.map(({ name, ready }) => ({
    conditions: { ready },
    targetRef: { kind: 'Pod', name },
  })),
})

test('a Service waits for the pods that it selects in its own namespace, and for no others', () => {
  const objects = [
    service,
    pod('a', { app: 'web', x: 'y' }),
    pod('b', { app: 'db' }),
    pod('c', { app: 'web' }, 'other'),
  ]
  expect(serviceWaits(objects)).toMatchObject([{ namespace: 'shop', pods: ['a'], some: false }])
})

test('a Service of a workload waits for some endpoint; one that selects nothing here for none', () => {
  const template = { metadata: { labels: { app: 'web' } } }
  const deployment = (replicas?: number): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { replicas, template },
  })
  expect(serviceWaits([service, deployment()])).toMatchObject([{ pods: [], some: true }])
  expect(serviceWaits([service, deployment(0)])).toEqual([])
  expect(serviceWaits([service])).toEqual([])
})

test('it is ready when every pod is a ready endpoint', () => {
  const [wait] = serviceWaits([service, pod('a', { app: 'web' }), pod('b', { app: 'web' })])
  expect(whyServiceWaits(wait!, [])).toBe('has no ready endpoint yet')
  expect(whyServiceWaits(wait!, [slice([{ name: 'a' }, { name: 'b', ready: false }])])).toBe(
    'pod b is no ready endpoint yet',
  )
  expect(whyServiceWaits(wait!, [slice([{ name: 'a', ready: true }, { name: 'b' }])])).toBeNull()
})
