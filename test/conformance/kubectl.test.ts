import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExecResult, run } from '../../src/exec.ts'
import { type World, withControllers } from '../support/control-plane.ts'
import { whyNoKubectl } from '../support/kubectl.ts'

const reason = whyNoKubectl()
const withKubectl = (title: string, body: (kubectl: Kubectl, world: World) => Promise<void>) => {
  if (reason !== null) {
    test.skip(`${title} (skipped: ${reason})`, () => undefined)
    return
  }
  test(title, () =>
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
  )
}
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
    const rollout = await kubectl(['-n', 'shop', 'rollout', 'status', 'deployment/web', '--timeout=5s'])
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
  const gone = await kubectl(['delete', 'namespace', 'shop', '--timeout=5s'])
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
