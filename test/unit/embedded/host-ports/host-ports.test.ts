import {
  type ApiClient,
  Replica,
  resourceKey,
  resources,
  type WatchEvent,
} from '../../../../src/embedded/api-client/index.ts'
import { startHostPorts } from '../../../../src/embedded/host-ports/index.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

test('nothing is written as long as no pod asks for a port of its node', async () => {
  const { programmer, change, scripts } = cluster()
  change(1, 'ADDED', pod('web'))
  await programmer.programmed(1)
  change(2, 'MODIFIED', pod('web', { phase: 'Running' }))
  await programmer.programmed(2)
  expect(scripts).toEqual([])
})

test('a port follows its pod: its address, its end and its deletion, on its node alone', async () => {
  const { programmer, change, scripts } = cluster()
  change(1, 'ADDED', pod('web', { hostPort: 8080 }))
  await programmer.programmed(1)
  expect(scripts).toEqual([])
  change(2, 'MODIFIED', pod('web', { hostPort: 8080, ip: '192.168.8.1' }))
  await programmer.programmed(2)
  expect(scripts).toEqual([
    { node: 'node-1', script: expect.stringContaining('tcp dport 8080 dnat to 192.168.8.1:80') },
  ])
  change(3, 'MODIFIED', pod('web', { hostPort: 8080, ip: '192.168.8.1', phase: 'Running' }))
  await programmer.programmed(3)
  expect(scripts).toHaveLength(1)
  change(4, 'MODIFIED', pod('web', { hostPort: 8080, ip: '192.168.8.1', phase: 'Succeeded' }))
  await programmer.programmed(4)
  expect(scripts).toHaveLength(2)
  expect(scripts[1]!.script).toContain('delete chain ip cni_hostport hostports')
  change(5, 'ADDED', pod('next', { hostPort: 8080, ip: '192.168.8.2' }))
  change(6, 'DELETED', pod('next', { hostPort: 8080, ip: '192.168.8.2' }))
  await programmer.programmed(6)
  expect(scripts.at(-1)!.script).not.toContain('192.168.8.2')
})

test('a pod without one is no reason to look again at those that have one', async () => {
  const { programmer, change, listed } = cluster()
  change(1, 'ADDED', pod('web', { hostPort: 8080, ip: '192.168.8.1' }))
  await programmer.programmed(1)
  const before = listed()
  change(2, 'ADDED', pod('plain'))
  await programmer.programmed(2)
  expect(listed()).toBe(before)
})

test('whoever takes over removes what another process has left', async () => {
  const { programmer, change, scripts } = cluster(true)
  change(1, 'ADDED', pod('plain'))
  await programmer.programmed(1)
  expect(scripts.map(({ node, script }) => [node, script.split('\n')[1]])).toEqual([
    ['node-1', 'delete table ip cni_hostport'],
    ['node-2', 'delete table ip cni_hostport'],
  ])
})

function cluster(takesOver = false) {
  const replica = new Replica()
  const scripts: { node: string; script: string }[] = []
  let lists = 0
  const api: Pick<ApiClient, 'inform' | 'onRevision' | 'revision'> = {
    get revision() {
      return replica.revision
    },
    onRevision: (listener) => replica.onRevision(listener),
    inform(type, onChange) {
      const informer = replica.inform(type, onChange)
      const list = () => {
        lists++
        return informer.list()
      }
      return { synced: informer.synced, list, get: informer.get, stop: () => informer.stop() }
    },
  }
  const nodes = ['node-1', 'node-2'].map((name) => ({
    name,
    runNft: async (script: string) => void scripts.push({ node: name, script }),
  }))
  const programmer = startHostPorts({
    api: api as ApiClient,
    nodes,
    families: [4],
    takesOver,
    log: (line) => {
      throw new Error(line)
    },
  })
  return {
    programmer,
    scripts,
    listed: () => lists,
    change(revision: number, type: WatchEvent['type'], object: KubernetesObject) {
      object.metadata.resourceVersion = String(revision)
      replica.take({ type, resource: resourceKey(resources.pods), object })
      replica.take({ type: 'REVISION', revision })
    },
  }
}

function pod(
  name: string,
  { hostPort, ip, phase = 'Pending' }: { hostPort?: number; ip?: string; phase?: string } = {},
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort }] }] },
    status: { phase, ...(ip && { podIPs: [{ ip }] }) },
  }
}
