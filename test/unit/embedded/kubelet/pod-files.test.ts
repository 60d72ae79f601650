import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeFiles } from '../../../../src/embedded/kubelet/node-files.ts'
import { PodFiles, resolvConf } from '../../../../src/embedded/kubelet/pod-files.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const pod = (spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'c' }], ...spec },
})
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'page', namespace: 'shop' },
  data: { 'index.html': 'hello' },
}
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'key', namespace: 'shop' },
  data: { password: Buffer.from('s3cret').toString('base64') },
}
const place = { nodeName: 'node-1', hostIps: ['172.18.0.2'], podIps: ['192.168.8.1'], allocatable: {} }
const dnsServer = '10.96.0.10'
const sources = {
  configMap: (name: string) => (name === 'page' ? configMap : undefined),
  secret: (name: string) => (name === 'key' ? secret : undefined),
  claim: () => null,
  token: async () => 'a-token',
  place,
}

test('names are looked for in the namespace, in svc and in the cluster, as ndots:5 has it', () => {
  expect(resolvConf(pod({}), dnsServer)).toBe(
    'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  )
})

test("dnsPolicy Default is the node's resolver, which has none", () => {
  expect(resolvConf(pod({ dnsPolicy: 'Default' }), dnsServer)).toBe('')
})

test("dnsConfig adds to the cluster's, and stands alone where dnsPolicy is None", () => {
  const dnsConfig = {
    nameservers: ['9.9.9.9'],
    searches: ['example.org'],
    options: [{ name: 'ndots', value: '2' }],
  }
  expect(resolvConf(pod({ dnsConfig }), dnsServer)).toBe(
    'search shop.svc.cluster.local svc.cluster.local cluster.local example.org\nnameserver 10.96.0.10\nnameserver 9.9.9.9\noptions ndots:2\n',
  )
  expect(resolvConf(pod({ dnsPolicy: 'None', dnsConfig }), dnsServer)).toBe(
    'search example.org\nnameserver 9.9.9.9\noptions ndots:2\n',
  )
})

describe('volumes', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ztlab-pod-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const filesOf = (spec: object) =>
    new PodFiles({
      pod: pod(spec),
      directory,
      node: new NodeFiles(join(directory, 'node')),
      hostname: 'web',
      dnsServer,
    })

  test('a ConfigMap is a directory with a file per key, mounted where the container says', async () => {
    const files = filesOf({ volumes: [{ name: 'html', configMap: { name: 'page' } }] })
    await files.write(sources)
    const mounts = files.mounts({
      name: 'c',
      volumeMounts: [{ name: 'html', mountPath: '/www', readOnly: true }],
    })
    const mount = mounts.find(({ destination }) => destination === '/www')!
    expect(mount.readonly).toBe(true)
    expect(readFileSync(join(mount.source, 'index.html'), 'utf8')).toBe('hello')
    expect(readFileSync(join(directory, 'hosts'), 'utf8')).toContain('192.168.8.1\tweb\n')
  })

  test('a key cannot leave the volume', async () => {
    const items = [{ key: 'index.html', path: '../../escaped' }]
    const files = filesOf({ volumes: [{ name: 'html', configMap: { name: 'page', items } }] })
    await files.write(sources)
    expect(readFileSync(join(directory, 'volumes/html/escaped'), 'utf8')).toBe('hello')
  })

  test('a projected volume brings several sources together, a token among them', async () => {
    const parts = [
      { configMap: { name: 'page', items: [{ key: 'index.html', path: 'a/b.html' }] } },
      { secret: { name: 'key' } },
      { serviceAccountToken: { path: 'token' } },
      { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ]
    const files = filesOf({ volumes: [{ name: 'all', projected: { sources: parts, defaultMode: 0o400 } }] })
    await files.write(sources)
    const at = (path: string) => readFileSync(join(directory, 'volumes/all', path), 'utf8')
    expect(['a/b.html', 'password', 'token', 'name'].map(at)).toEqual(['hello', 's3cret', 'a-token', 'web'])
    expect(statSync(join(directory, 'volumes/all/password')).mode & 0o777).toBe(0o400)
  })

  test('a volume follows its ConfigMap, all files at once', async () => {
    const files = filesOf({ volumes: [{ name: 'html', configMap: { name: 'page' } }] })
    await files.write(sources)
    const changed = { ...configMap, data: { 'about.html': 'new' } }
    await files.refresh({ ...sources, configMap: () => changed })
    const names = readdirSync(join(directory, 'volumes/html')).filter((name) => !name.startsWith('..'))
    expect(names).toEqual(['about.html'])
    expect(readFileSync(join(directory, 'volumes/html/about.html'), 'utf8')).toBe('new')
  })

  test('a ConfigMap or host path that is not there is named', async () => {
    await expect(
      filesOf({ volumes: [{ name: 'v', configMap: { name: 'no' } }] }).write(sources),
    ).rejects.toThrow('configmap "no" not found')
    await expect(
      filesOf({ volumes: [{ name: 'v', hostPath: { path: '/no/such', type: 'Directory' } }] }).write(sources),
    ).rejects.toThrow('hostPath type check failed: /no/such is not a directory')
  })
})
