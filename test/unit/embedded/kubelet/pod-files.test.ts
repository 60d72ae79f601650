import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PodFiles, resolvConf } from '../../../../src/embedded/kubelet/pod-files.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const pod = (spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
})
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'page', namespace: 'shop' },
  data: { 'index.html': 'hello' },
}
const configMaps = {
  synced: Promise.resolve(),
  list: () => [configMap],
  get: (name: string, namespace?: string) =>
    name === 'page' && namespace === 'shop' ? configMap : undefined,
  stop: () => undefined,
}

test('names are looked for in the namespace, in svc and in the cluster, as ndots:5 has it', () => {
  expect(resolvConf(pod({}))).toBe(
    'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  )
})

test("dnsPolicy Default is the node's resolver, which has none", () => {
  expect(resolvConf(pod({ dnsPolicy: 'Default' }))).toBe('')
})

describe('volumes', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ztlab-pod-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const filesOf = (spec: object) => new PodFiles({ pod: pod(spec), directory, hostname: 'web', configMaps })

  test('a ConfigMap is a directory with a file per key, mounted where the container says', async () => {
    const files = filesOf({ volumes: [{ name: 'html', configMap: { name: 'page' } }] })
    await files.write('192.168.8.1')
    const mounts = files.mounts({ volumeMounts: [{ name: 'html', mountPath: '/www', readOnly: true }] })
    const mount = mounts.find(({ destination }) => destination === '/www')!
    expect(mount.readonly).toBe(true)
    expect(readFileSync(join(mount.source, 'index.html'), 'utf8')).toBe('hello')
    expect(readFileSync(join(directory, 'hosts'), 'utf8')).toContain('192.168.8.1\tweb\n')
  })

  test('a key cannot leave the volume', async () => {
    const items = [{ key: 'index.html', path: '../../escaped' }]
    const files = filesOf({ volumes: [{ name: 'html', configMap: { name: 'page', items } }] })
    await files.write('192.168.8.1')
    expect(readFileSync(join(directory, 'volumes/html/escaped'), 'utf8')).toBe('hello')
  })

  test('a ConfigMap or host path that is not there is named', async () => {
    await expect(filesOf({ volumes: [{ name: 'v', configMap: { name: 'no' } }] }).write('1')).rejects.toThrow(
      'configmap "no" not found',
    )
    await expect(
      filesOf({ volumes: [{ name: 'v', hostPath: { path: '/no/such' } }] }).write('1'),
    ).rejects.toThrow('hostPath /no/such does not exist')
  })
})
