import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { findGoldmane, goldmaneFlows } from '../../../src/cluster/flows/goldmane/index.ts'
import type { Cluster } from '../../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../../src/kube/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { projectRoot } from '../../../src/project-root.ts'
import { testUnless } from '../../support/test-unless.ts'
import { withObjects } from '../../support/with-objects.ts'
import { asContext } from '../as-context.ts'
import type { Part, World } from '../backend.ts'
import { surprises, verdicts } from '../measure.ts'
import { runOnContext } from './context.ts'

/** The roles of docs/backends/context.md, each put to the test by an account that has nothing else. */
export const rights: Part = (world, { whyNoRights = null, whyNoPolicies }) => {
  const testRights = (title: string, body: () => Promise<void>) =>
    testUnless(whyNoRights, { title, body, timeoutMs: 240_000 })

  testRights('those for a matrix are enough to measure and to predict, and to write nothing', () =>
    withAccount(world(), ['matrix'], async (account) => {
      const table = `
        from        | shop/web | svc/shop/web:TCP/8080 | name:web.shop:TCP/8080 | shop/web:UDP/80
        shop/client | allow    | allow                 | allow                  | allow`
      expect(await surprises(account, table)).toEqual([])
      expect(await runOnContext(account, 'test/fixtures/labs/tiny')).toBe('missing-permission')
      await expect(account.cluster.runOnNode(account.nodes[0]!.name, ['true'])).rejects.toMatchObject({
        code: 'unsupported',
        cause: expect.stringMatching(/cannot (create|patch) resource "namespaces"/),
      })
    }),
  )

  testRights('those for a matrix show what flows: by the log of Calico, or by samples of sockets', () =>
    withAccount(world(), ['matrix'], async ({ cluster, kube }) => {
      const before = await nodeShells(kube)
      const held = holdOpen(world().kube)
      const seen: string[] = []
      for await (const { from, to, protocol, port, basis } of cluster.flows({ durationMs: 25_000 })) {
        seen.push(`${basis} ${from} -> ${to} ${protocol}/${port}`)
        if (seen.at(-1)!.endsWith('shop/client -> shop/web TCP/80')) break
      }
      const basis = whyNoPolicies === null ? 'flow-log' : 'socket-sample'
      expect(seen).toContain(`${basis} shop/client -> shop/web TCP/80`)
      await held
      expect(await nodeShells(kube)).toEqual(before)
    }),
  )

  testRights('those for labs are enough for a lab, its canary and a node shell', () =>
    withAccount(world(), ['matrix', 'labs'], async (account) => {
      expect(await runOnContext(account, 'test/fixtures/labs/tiny')).toBe('ok')
      const ended = await runOnContext(account, 'labs/calico-basics')
      expect(ended).toBe(whyNoPolicies === null ? 'ok' : 'enforces-nothing')
      const { stdout } = await account.cluster.runOnNode(account.nodes[0]!.name, ['id', '-u'])
      expect(stdout.trim()).toBe('0')
    }),
  )

  testRights('those for ephemeral containers let a pod without a shell be probed from', () =>
    withAccount(world(), ['matrix', 'ephemeral'], async (account) => {
      const table = `
        from         | shop/web
        shop/noshell | allowed`
      const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
      expect(await verdicts(account, table, { ephemeralImage: image })).toEqual([])
    }),
  )

  testRights(
    'those for Goldmane, in its namespace alone, lead to its certificate and through to its port',
    () =>
      withObjects(goldmane, world().kube, () =>
        withAccount(world(), ['matrix'], async ({ kube: reader }) => {
          const ask = async () => {
            const pod = (await findGoldmane(reader))!
            for await (const flow of goldmaneFlows(reader, pod, { durationMs: 5000 })) return flow
            return null
          }
          await expect(ask()).rejects.toMatchObject({ code: 'missing-permission' })
          const roles = rolesOf('goldmane')
          await withObjects([...roles, ...roles.map(goldmaneBindingOf)], world().kube, async () => {
            // The API server takes rights up a moment later.
            const answer = async (): Promise<unknown> =>
              ask().catch((error) => (error.code === 'missing-permission' ? answer() : error))
            expect(await answer()).toMatchObject({
              code: 'cluster-failed',
              cause: 'it answers with frames that are none of gRPC',
            })
          })
          const elsewhere = reader.list('v1', 'Secret', { namespace: place })
          await expect(elsewhere).rejects.toMatchObject({ code: 'missing-permission' })
        }),
      ),
  )

  testRights(
    "where the cluster forbids pods in a node's PID namespace a node shell is unsupported, with why",
    async () => {
      const { kube, nodes, cluster } = world()
      const before = await nodeShells(kube)
      await kube.apply(noHostPid)
      const { cluster: fresh } = await asContext(cluster)
      try {
        await inForce(kube)
        await expect(fresh.runOnNode(nodes[0]!.name, ['true'])).rejects.toMatchObject({
          code: 'unsupported',
          cause: expect.stringContaining('no pod looks into a node here'),
        })
      } finally {
        await fresh.close()
        await kube.delete(noHostPid)
      }
      expect(await nodeShells(kube)).toEqual(before)
    },
  )

  testRights('without any, each thing that is missing is named with its cure', () =>
    withAccount(world(), [], async ({ backend }) => {
      const checks = await backend.preflight()
      expect(checks.filter(({ ok }) => !ok).map(({ title }) => title)).toContain('create pods/exec')
      expect(checks.filter(({ ok, cure }) => !ok && !cure)).toEqual([])
      expect(checks.map(({ title }) => title)).not.toContain('canary')
    }),
  )
}

/** Where shells on nodes live. The cluster that the suite runs on may itself have some open. */
async function nodeShells(kube: KubeClient): Promise<string[]> {
  const namespaces = await kube.list('v1', 'Namespace')
  return namespaces.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('ztlab-nodes-'))
}

/** A connection from the client to the web server, for some seconds. */
async function holdOpen(kube: KubeClient): Promise<void> {
  const web = (await kube.get('v1', 'Pod', 'web', 'shop'))!
  const command = ['sh', '-c', 'sleep 30 | nc -w 30 "$0" 80', web.status.podIP]
  await kube.exec({ namespace: 'shop', pod: 'client', command, timeoutMs: 60_000 })
}

const guard = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'ztlab-conformance' } }

/** What an administrator's admission says of debug pods. */
const noHostPid: KubernetesObject[] = [
  {
    ...guard,
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      validations: [
        {
          expression: '!(has(object.spec.hostPID) && object.spec.hostPID)',
          message: 'no pod looks into a node here',
        },
      ],
    },
  },
  {
    ...guard,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: guard.metadata.name, validationActions: ['Deny'] },
  },
]

/** An API server takes such a policy up a moment later: asked by creations that are never carried out. */
async function inForce(kube: KubeClient): Promise<void> {
  const containers = [{ name: 'x', image: 'x' }]
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { hostPID: true, containers } }
  const request = { method: 'POST', body: JSON.stringify(pod) }
  const isRefused = () =>
    kube.raw('/api/v1/namespaces/default/pods?dryRun=All', request).then(
      () => false,
      () => true,
    )
  while (!(await isRefused())) await new Promise((resolve) => setTimeout(resolve, 200))
}

const certificate = (name: string) =>
  readFileSync(join(projectRoot(), 'test/fixtures/goldmane', name)).toString('base64')

const inCalicoSystem = (name: string) => ({ name, namespace: 'calico-system' })

/** What stands where Goldmane would: it has Goldmane's certificate and speaks HTTP/2, but none of its calls. */
const goldmane: KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'calico-system' } },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: inCalicoSystem('goldmane-key-pair'),
    data: { 'tls.crt': certificate('tls.crt'), 'tls.key': certificate('tls.key') },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...inCalicoSystem('goldmane'), labels: { 'k8s-app': 'goldmane' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'certificate', secret: { secretName: 'goldmane-key-pair' } }],
      containers: [
        {
          name: 'goldmane',
          image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
          args: [
            'netexec',
            '--http-port=7443',
            '--udp-port=-1',
            '--tls-cert-file=/certificate/tls.crt',
            '--tls-private-key-file=/certificate/tls.key',
          ],
          volumeMounts: [{ name: 'certificate', mountPath: '/certificate' }],
          readinessProbe: { tcpSocket: { port: 7443 }, periodSeconds: 1 },
        },
      ],
    },
  },
]

function goldmaneBindingOf(role: KubernetesObject): KubernetesObject {
  return { ...bindingOf(role), kind: 'RoleBinding', metadata: inCalicoSystem(role.metadata.name) }
}

const place = 'ztlab-rights'

/** The world as an account sees it that has these roles and no others. */
async function withAccount(
  world: World,
  blocks: string[],
  use: (account: World) => Promise<void>,
): Promise<void> {
  const roles = blocks.flatMap(rolesOf)
  const objects = [namespace, account, ...roles, ...roles.map(bindingOf)]
  let reached: { cluster: Cluster } | undefined
  let kube: KubeClient | undefined
  try {
    await world.kube.apply(objects)
    const kubeconfig = await kubeconfigOf(world)
    kube = await connectKube(kubeconfig)
    const opened = await asContext({ kubeconfig })
    reached = opened
    await use({ ...world, ...opened, kube })
  } finally {
    await reached?.cluster.close()
    kube?.close()
    await world.kube.delete(objects, { gracePeriodSeconds: 0 })
  }
}

const namespace: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } }
const account: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'tester', namespace: place },
}

/** The roles of a marked block in the documentation. */
function rolesOf(block: string): KubernetesObject[] {
  const text = readFileSync(join(projectRoot(), 'docs/backends/context.md'), 'utf8')
  const [, yaml] = new RegExp(`\`\`\`yaml\\n# rights: ${block}\\n([\\s\\S]*?)\`\`\``).exec(text) ?? []
  return parseAllDocuments(yaml!).map((document) => document.toJSON() as KubernetesObject)
}

function bindingOf({ metadata }: KubernetesObject): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: metadata.name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: account.metadata.name, namespace: place }],
  }
}

/** The kubeconfig of the account, as it would be handed to somebody. */
async function kubeconfigOf({ cluster, kube }: World): Promise<string> {
  const path = `/api/v1/namespaces/${place}/serviceaccounts/${account.metadata.name}/token`
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const answer = await kube.raw(path, { method: 'POST', body: JSON.stringify(request) })
  const { token } = (JSON.parse(answer) as { status: { token: string } }).status
  const config = parse(cluster.kubeconfig) as { users: { user: object }[] }
  config.users[0]!.user = { token }
  return stringify(config)
}
