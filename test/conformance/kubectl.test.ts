import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExecResult, run } from '../../src/exec.ts'
import { type World, withControllers } from '../support/control-plane.ts'
import { whyNoKubectl } from '../support/kubectl.ts'
import { testUnless } from '../support/test-unless.ts'

const reason = whyNoKubectl()
const withKubectl = (title: string, body: (kubectl: Kubectl, world: World) => Promise<void>) =>
  testUnless(reason, {
    title,
    body: () =>
      withControllers(async (world) => {
        const kubeconfig = join(world.directory, 'kubeconfig')
        await writeFile(kubeconfig, world.kubeconfig, { mode: 0o600 })
        // Its discovery cache would outlive the cluster.
        const env = { KUBECONFIG: kubeconfig, KUBECACHEDIR: join(world.directory, 'cache') }
        await body(
          (argv, stdin) =>
            run(['kubectl', ...argv], { env: { ...process.env, ...env }, stdin, allowFailure: true }),
          world,
        )
      }),
    // kubectl takes its time on a busy machine.
    timeoutMs: 180_000,
  })
type Kubectl = (argv: string[], stdin?: string) => Promise<ExecResult>

const manifest = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: busybox, command: [sleep, "1d"], ports: [{ containerPort: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-web, namespace: shop }
spec: { selector: app == 'web', ingress: [{ action: Allow, protocol: TCP, destination: { ports: [80] } }] }
`

withKubectl(
  'kubectl apply creates, changes and finds unchanged, client-side',
  async (kubectl, { settle }) => {
    const created = await kubectl(['apply', '-f', '-'], manifest(2))
    expect(created.stdout.trim().split('\n')).toEqual([
      'deployment.apps/web created',
      'service/web created',
      'networkpolicy.projectcalico.org/allow-web created',
    ])
    await settle()
    const changed = await kubectl(['apply', '-f', '-'], manifest(1))
    expect(changed.stdout.trim().split('\n')).toEqual([
      'deployment.apps/web configured',
      'service/web unchanged',
      'networkpolicy.projectcalico.org/allow-web unchanged',
    ])
    const rollout = await kubectl(['-n', 'shop', 'rollout', 'status', 'deployment/web', '--timeout=25s'])
    expect(rollout.stdout).toContain('successfully rolled out')
  },
)

withKubectl('kubectl apply --server-side owns fields, and a conflict names their owner', async (kubectl) => {
  expect(
    (await kubectl(['apply', '--server-side', '--field-manager=lab', '-f', '-'], manifest(2))).code,
  ).toBe(0)
  expect((await kubectl(['-n', 'shop', 'scale', 'deployment/web', '--replicas=3'])).code).toBe(0)
  const conflict = await kubectl(['apply', '--server-side', '--field-manager=lab', '-f', '-'], manifest(2))
  expect(conflict.code).toBe(1)
  expect(conflict.stderr).toContain('conflict with "kubectl" using apps/v1: .spec.replicas')
  const forced = await kubectl(
    ['apply', '--server-side', '--force-conflicts', '--field-manager=lab', '-f', '-'],
    manifest(2),
  )
  expect(forced.code).toBe(0)
})

withKubectl('kubectl get, describe and delete show what there is', async (kubectl, { settle }) => {
  await kubectl(['apply', '-f', '-'], manifest(1))
  await settle()
  const pods = await kubectl(['-n', 'shop', 'get', 'pods', '-o', 'wide'])
  expect(pods.stdout).toMatch(
    /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\n/,
  )
  expect(pods.stdout).toContain('Running')
  const described = await kubectl(['-n', 'shop', 'describe', 'pods'])
  expect(described.stdout).toMatch(/Scheduled .* Successfully assigned shop\/web-/)
  const gone = await kubectl(['delete', 'namespace', 'shop', '--timeout=25s'])
  expect(gone.stdout.trim()).toBe('namespace "shop" deleted')
})

withKubectl('a typo never passes silently', async (kubectl) => {
  const wrong = manifest(1).replace('replicas: 1', 'replica: 1')
  const strict = await kubectl(['apply', '-f', '-'], wrong)
  expect(strict.stderr).toContain('strict decoding error: unknown field "spec.replica"')
  const warned = await kubectl(['apply', '--validate=warn', '-f', '-'], wrong)
  expect(warned.code).toBe(0)
  expect(warned.stderr).toContain('Warning: unknown field "spec.replica"')
  const selector = await kubectl(['apply', '-f', '-'], manifest(1).replace("app == 'web'", "app = 'web'"))
  expect(selector.stderr).toContain('spec.selector')
})

withKubectl(
  'kubectl create sends protobuf, and is warned of what nothing acts on',
  async (kubectl, { settle }) => {
    const deployment = await kubectl([
      '-n',
      'shop',
      'create',
      'deployment',
      'made',
      '--image=busybox',
      '--replicas=2',
    ])
    expect(deployment.stdout.trim()).toBe('deployment.apps/made created')
    await settle()
    const image = ['-o', 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}']
    expect((await kubectl(['-n', 'shop', 'get', 'deployment', 'made', ...image])).stdout).toBe('2 busybox')
    const cron = await kubectl([
      '-n',
      'shop',
      'create',
      'cronjob',
      'tick',
      '--image=busybox',
      '--schedule=* * * * *',
    ])
    expect(cron.stdout.trim()).toBe('cronjob.batch/tick created')
    expect(cron.stderr).toContain('nothing acts on them')
  },
)

withKubectl('kubectl knows every kind, explains it, and is told who it is', async (kubectl) => {
  const explained = await kubectl(['explain', 'pod.spec.containers.livenessProbe.periodSeconds'])
  expect(explained.stdout).toContain('How often (in seconds) to perform the probe')
  const kinds = (await kubectl(['api-resources', '-o', 'name'])).stdout.trim().split('\n')
  expect(kinds).toEqual(
    expect.arrayContaining(['cronjobs.batch', 'roles.rbac.authorization.k8s.io', 'tiers.projectcalico.org']),
  )
  expect((await kubectl(['auth', 'whoami'])).stdout).toContain('kubernetes-admin')
  expect((await kubectl(['auth', 'can-i', 'delete', 'nodes'])).stdout.trim()).toBe('yes')
  expect((await kubectl(['top', 'pods'])).stderr).toContain('Metrics API not available')
})

const widgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: widgets, kind: Widget }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { scale: { specReplicasPath: .spec.size, statusReplicasPath: .status.size } }
      additionalPrinterColumns: [{ name: Size, type: integer, jsonPath: .spec.size }]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: { size: { type: integer, maximum: 5, default: 2, description: how many rooms } }
`

withKubectl('a CustomResourceDefinition makes a kind of its own', async (kubectl, { settle }) => {
  await kubectl(['apply', '-f', '-'], widgets)
  const established = await kubectl([
    'wait',
    '--for=condition=Established',
    'crd/widgets.example.com',
    '--timeout=25s',
  ])
  expect(established.stdout).toContain('condition met')
  const widget = (spec: string) =>
    `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"one","namespace":"shop"},"spec":${spec}}`
  const tooLarge = await kubectl(['apply', '-f', '-'], widget('{"size":9}'))
  expect(tooLarge.stderr).toContain('should be less than or equal to 5')
  expect((await kubectl(['apply', '-f', '-'], widget('{}'))).stdout).toContain('created')
  const shown = await kubectl(['-n', 'shop', 'get', 'widgets', '--no-headers'])
  expect(shown.stdout.trim().split(/\s+/)).toEqual(['one', '2'])
  expect((await kubectl(['explain', 'widget.spec.size'])).stdout).toContain('how many rooms')
  await kubectl(['-n', 'shop', 'scale', 'widget', 'one', '--replicas=4'])
  const path = ['-o', 'jsonpath={.spec.size} {.metadata.uid}']
  const [size, uid] = (await kubectl(['-n', 'shop', 'get', 'widget', 'one', ...path])).stdout.split(' ')
  expect(size).toBe('4')
  const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'one', uid }]
  const owned = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owned', namespace: 'shop', ownerReferences },
  }
  await kubectl(['apply', '-f', '-'], JSON.stringify(owned))
  await settle()
  expect((await kubectl(['-n', 'shop', 'get', 'cm', 'owned'])).stderr).toBe('')
  await kubectl(['-n', 'shop', 'delete', 'widget', 'one'])
  await settle()
  expect((await kubectl(['-n', 'shop', 'get', 'cm', 'owned'])).stderr).toContain('NotFound')
  await kubectl(['delete', 'crd', 'widgets.example.com'])
  expect((await kubectl(['get', 'widgets', '-A'])).stderr).toContain('NotFound')
})

withKubectl('kubectl drain evicts, uncordon lets back', async (kubectl, { settle }) => {
  await kubectl(['-n', 'shop', 'create', 'deployment', 'web', '--image=busybox', '--replicas=2'])
  await settle()
  const drained = await kubectl(['drain', 'node-1', '--ignore-daemonsets', '--timeout=25s'])
  expect(drained.stdout).toContain('node/node-1 drained')
  await settle()
  const nodes = await kubectl(['-n', 'shop', 'get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}'])
  expect(new Set(nodes.stdout.split(' '))).toEqual(new Set(['node-2']))
  expect((await kubectl(['uncordon', 'node-1'])).stdout).toContain('uncordoned')
})

withKubectl('kubectl sorts what it prints', async (kubectl, { settle }) => {
  await kubectl(['apply', '-f', '-'], manifest(3))
  await settle()
  const { stdout } = await kubectl(['get', 'pods', '-n', 'shop', '--sort-by=.metadata.name'])
  expect(stdout).toMatch(/^NAME +READY +STATUS/)
  const names = stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ')[0])
  expect(names).toHaveLength(3)
  expect(names).toEqual([...names].sort())
})

withKubectl('a List is applied, and a version that is not served is named', async (kubectl) => {
  const item = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'shop' },
  })
  const list = { apiVersion: 'v1', kind: 'List', items: [item('one'), item('two')] }
  expect(await kubectl(['apply', '-f', '-'], JSON.stringify(list))).toMatchObject({
    stdout: 'configmap/one created\nconfigmap/two created\n',
  })
  const old = { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'old' } }
  const { stderr } = await kubectl(['apply', '-f', '-'], JSON.stringify(old))
  expect(stderr).toContain('no matches for kind "Deployment" in version "apps/v1beta1"')
})
