import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { contextKubeconfig } from '../../../src/cluster/context/kubeconfig.ts'
import { detectNetwork, networkOf } from '../../../src/cluster/context/network.ts'
import { createNodeShells } from '../../../src/cluster/context/node-shell.ts'
import { deleteLeftovers } from '../../../src/cluster/leftovers.ts'
import { LabError } from '../../../src/errors.ts'
import type { KubeClient } from '../../../src/kube/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { hasEnded, processAnnotation, processMark } from '../../../src/process-mark.ts'
import { fakeApi, status } from '../kube/fake-api.ts'

describe('kubeconfig', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ztlab-kubeconfig-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const file = (name: string, server: string) => {
    const path = join(folder, name)
    writeFileSync(
      path,
      `
contexts: [{ name: ${name}, context: { cluster: c, user: u, namespace: shop } }]
clusters: [{ name: c, cluster: { server: "${server}", certificate-authority: ca.crt } }]
users: [{ name: u, user: { client-key: /keys/u.key, exec: { command: bin/token, args: [x] } } }]
current-context: ${name}
`,
    )
    return path
  }

  test('is of the one context alone, with paths from its own folder', () => {
    const path = file('prod', 'https://prod')
    expect(parse(contextKubeconfig('prod', path))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'prod',
      contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
      clusters: [
        { name: 'c', cluster: { server: 'https://prod', 'certificate-authority': join(folder, 'ca.crt') } },
      ],
      users: [
        {
          name: 'u',
          user: { 'client-key': '/keys/u.key', exec: { command: join(folder, 'bin/token'), args: ['x'] } },
        },
      ],
    })
  })

  test('is found in any file of KUBECONFIG; of two entries of one name the first counts', () => {
    const env = {
      KUBECONFIG: [file('one', 'https://one'), '/nonexistent', file('two', 'https://two')].join(':'),
    }
    expect(parse(contextKubeconfig('two', undefined, env)).clusters[0].cluster.server).toBe('https://one')
  })

  test('without such a context: which there are, and no exit code of a finding', () => {
    const act = () => contextKubeconfig('nope', file('prod', 'https://prod'))
    expect(act).toThrow(
      expect.objectContaining({
        code: 'cluster-unreachable',
        exitCode: 3,
        cause: expect.stringContaining('has prod'),
        hint: '--cluster context:prod',
      }),
    )
  })

  test('that is no YAML is bad input', () => {
    const path = join(folder, 'broken')
    writeFileSync(path, 'a: [')
    expect(() => contextKubeconfig('x', path)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })
})

test.each([
  ['quay.io/calico/node:v3.32.1', [], 'Calico v3.32.1', true],
  ['docker.io/calico/node@sha256:aa', [], 'Calico', true],
  ['quay.io/cilium/cilium:v1.18.0', [], 'Cilium v1.18.0', true],
  ['docker.io/kindest/kindnetd:v20250512-df8de77b', [], 'kindnet v20250512-df8de77b', null],
  ['602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.20.0', [], 'AWS VPC CNI v1.20.0', false],
  ['ghcr.io/flannel-io/flannel:v0.27.0', [], 'Flannel v0.27.0', false],
  ['registry.k8s.io/kube-proxy:v1.34.4', [], 'no network that is known here', null],
])('the network of %s', (image, args, name, enforces) => {
  expect(networkOf([daemonSet([{ name: 'x', image, args }])])).toMatchObject({ name, enforces })
})

test.each([
  ['calico-manifest', 'Calico v3.32.1', true],
  ['calico-operator', 'Calico v3.33.0', true],
  ['canal-rke2', 'Calico v3.30.3-build20250909', true],
  ['cilium', 'Cilium v1.18.2', true],
  ['gke-dataplane-v2', 'GKE Dataplane V2 v1.15.19-gke.45', true],
  ['kindnet', 'kindnet v20250512-df8de77b', null],
  ['aws-vpc-cni', 'AWS VPC CNI v1.20.1-eksbuild.3', false],
  ['aws-vpc-cni-policies', 'AWS VPC CNI v1.20.1-eksbuild.3', true],
  ['flannel', 'Flannel v0.27.4', false],
  ['none', 'no network that is known here', null],
])('what a cluster of the shape %s lists: %s', async (shape, name, enforces) => {
  const listing = JSON.parse(readFileSync(join('test/fixtures/networks', `${shape}.json`), 'utf8'))
  const api = await fakeApi(({ path }) =>
    path === '/apis/apps/v1/daemonsets' ? { body: listing } : status(404, path),
  )
  try {
    expect(await detectNetwork(api.kube)).toEqual({ name, enforces })
  } finally {
    await api.close()
  }
})

test('AWS VPC CNI enforces where its agent is told to', () => {
  const agent = (value: string) => ({
    name: 'aws-eks-nodeagent',
    image: 'amazon/aws-network-policy-agent:v1.2.1',
    args: [`--enable-network-policy=${value}`],
  })
  const cni = { name: 'aws-node', image: 'amazon-k8s-cni:v1.20.0' }
  expect(networkOf([daemonSet([cni, agent('true')])]).enforces).toBe(true)
  expect(networkOf([daemonSet([cni, agent('false')])]).enforces).toBe(false)
})

test('Calico on top of Flannel or AWS is what enforces', () => {
  const images = ['flannel:v1', 'amazon-k8s-cni:v1', 'calico/node:v3'].map((image) => ({ name: 'x', image }))
  expect(networkOf([daemonSet(images)]).name).toBe('Calico v3')
})

describe('leftovers', () => {
  test('are what a process made that has ended; what is not marked is never touched', async () => {
    // Beyond what the kernel numbers processes with.
    const ended = `${processMark().split('/')[0]}/99999999/1`
    const objects = [
      namespace('dead', { 'ztlab.dev/run': 'a' }, ended),
      namespace('alive', { 'ztlab.dev/run': 'b' }, processMark()),
      namespace('unmarked', { 'ztlab.dev/run': 'c' }, undefined),
    ]
    const selectors: unknown[] = []
    const deleted: KubernetesObject[] = []
    const kube = {
      list: async (_apiVersion: string, kind: string, options: unknown) => {
        selectors.push(options)
        return kind === 'Namespace' ? objects : []
      },
      delete: async (given: KubernetesObject[]) => void deleted.push(...given),
    } as unknown as KubeClient
    expect(await deleteLeftovers(kube)).toEqual(['Namespace dead'])
    expect(deleted.map(({ metadata }) => metadata.name)).toEqual(['dead'])
    expect(new Set(selectors.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['{"labelSelector":"ztlab.dev/run"}']),
    )
  })

  test('of another machine count as such after a day', () => {
    const now = new Date().toISOString()
    const longAgo = new Date(Date.now() - 2 * 86_400_000).toISOString()
    expect([hasEnded('elsewhere/1/1', now), hasEnded('elsewhere/1/1', longAgo)]).toEqual([false, true])
    expect(hasEnded(processMark(), longAgo)).toBe(false)
    expect(hasEnded(undefined, longAgo)).toBe(false)
  })
})

describe('node shell', () => {
  const choices = { namespace: 'ztlab-nodes-1', image: 'agnhost', runId: 'r1' }

  test('one debug pod per node, entered for each command, removed with its namespace', async () => {
    const { kube, calls } = recorder(async () => ({ code: 0, stdout: 'x\n', stderr: '' }))
    const shells = createNodeShells(kube, choices)
    expect(shells.podOn('n.1')).toBeNull()
    expect((await shells.run('n.1', ['ip', 'route'])).stdout).toBe('x\n')
    await shells.run('n.1', ['true'])
    expect(shells.podOn('n.1')).toBe('ztlab-nodes-1/node-n-1')
    await shells.remove()
    expect(calls.map(([name]) => name)).toEqual(['apply', 'apply', 'waitReady', 'exec', 'exec', 'delete'])
    expect(calls[3]![1]).toMatchObject({
      pod: 'node-n-1',
      command: ['nsenter', '-t', '1', '-m', '-u', '-i', '-p', '--', 'ip', 'route'],
    })
  })

  test('where such a pod is forbidden it is unsupported, with why', async () => {
    const { kube } = recorder(async () => ({ code: 0, stdout: '', stderr: '' }))
    kube.apply = async () => {
      throw new LabError({
        code: 'missing-permission',
        message: 'the API server does not permit this: Pod',
        problems: ['violates PodSecurity "baseline:latest": privileged'],
      })
    }
    await expect(createNodeShells(kube, choices).run('n1', ['true'])).rejects.toMatchObject({
      code: 'unsupported',
      cause: expect.stringContaining('violates PodSecurity'),
    })
  })

  test('whoever is refused the namespace has nothing to take away; who is refused the pod has', async () => {
    for (const [refused, deletions] of [
      ['Namespace', 0],
      ['Pod', 1],
    ] as const) {
      const { kube, calls } = recorder(async () => ({ code: 0, stdout: '', stderr: '' }))
      kube.apply = async ([object]) => {
        if (object!.kind === refused)
          throw new LabError({ code: 'missing-permission', message: `not permitted: ${refused}` })
        return []
      }
      const shells = createNodeShells(kube, choices)
      await expect(shells.run('n1', ['true'])).rejects.toMatchObject({ code: 'unsupported' })
      await shells.remove()
      expect(calls.filter(([name]) => name === 'delete')).toHaveLength(deletions)
    }
  })

  test('a command that fails throws as one run here does, unless failing is allowed', async () => {
    const { kube } = recorder(async () => ({ code: 3, stdout: '', stderr: 'no such table' }))
    const shells = createNodeShells(kube, choices)
    await expect(shells.run('n1', ['nft'])).rejects.toMatchObject({
      code: 'command-failed',
      cause: 'no such table',
    })
    expect(await shells.run('n1', ['nft'], { allowFailure: true })).toMatchObject({ code: 3, signal: null })
  })
})

function recorder(exec: KubeClient['exec']) {
  const calls: [string, unknown][] = []
  const note =
    (name: string, answer: (request: never) => unknown = () => undefined) =>
    async (request: never) => {
      calls.push([name, request])
      return answer(request)
    }
  const kube = {
    apply: note('apply'),
    waitReady: note('waitReady'),
    delete: note('delete'),
    exec: note('exec', exec),
  } as unknown as KubeClient
  return { kube, calls }
}

function daemonSet(containers: object[]): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'network' },
    spec: { template: { spec: { containers } } },
  }
}

function namespace(name: string, labels: Record<string, string>, mark: string | undefined): KubernetesObject {
  const annotations: Record<string, string> = mark === undefined ? {} : { [processAnnotation]: mark }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } }
}
