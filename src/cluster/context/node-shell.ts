import { pasteable } from '../../command-line.ts'
import { isLabError, LabError, messageOf } from '../../errors.ts'
import type { ExecOptions, ExecResult } from '../../exec.ts'
import { type KubeClient, wasRefused } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

export interface NodeShellChoices {
  namespace: string
  image: string
  runId: string
}

/** Root on nodes by a debug pod each, made when it is first needed. */
export interface NodeShells {
  /** Throws `unsupported` with the reason where such a pod may not be. */
  run(node: string, argv: string[], options?: ExecOptions): Promise<ExecResult>
  /** The debug pod on that node, as `namespace/name`; null while there is none. */
  podOn(node: string): string | null
  remove(): Promise<void>
}

/** A node that does not start a pod in this time is not going to. */
const readyTimeoutMs = 60_000

export function createNodeShells(kube: KubeClient, choices: NodeShellChoices): NodeShells {
  const pods = new Map<string, Promise<string>>()
  const open = new Set<string>()
  /** Made before what goes into it: whoever is refused it has nothing to take away. */
  let place: Promise<unknown> | undefined
  return {
    async run(node, argv, options = {}) {
      place ??= kube.apply([namespaceObject(choices)], { runId: choices.runId })
      const pod = pods.get(node) ?? start(kube, choices, { node, place })
      pods.set(node, pod)
      const name = await pod
      open.add(node)
      return execOnNode(kube, { namespace: choices.namespace, pod: name, argv, options })
    },
    podOn: (node) => (open.has(node) ? `${choices.namespace}/${podName(node)}` : null),
    async remove() {
      await Promise.allSettled(pods.values())
      const mayBeThere = await place?.then(
        () => true,
        (error: unknown) => !wasRefused(error),
      )
      pods.clear()
      open.clear()
      place = undefined
      if (mayBeThere) await kube.delete([namespaceObject(choices)], { gracePeriodSeconds: 0 })
    },
  }
}

/** Enters the node's namespaces through its first process; a debug pod is in its network namespace from the start. */
export function enterNode(argv: string[]): string[] {
  return ['nsenter', '-t', '1', '-m', '-u', '-i', '-p', '--', ...argv]
}

/** What debug pods on these nodes take: shown before they are made. */
export function nodeShellObjects(choices: NodeShellChoices, nodes: string[]): KubernetesObject[] {
  return [namespaceObject(choices), ...nodes.map((node) => debugPod(choices, node))]
}

async function start(
  kube: KubeClient,
  choices: NodeShellChoices,
  { node, place }: { node: string; place: Promise<unknown> },
): Promise<string> {
  const objects = [debugPod(choices, node)]
  try {
    await place
    await kube.apply(objects, { runId: choices.runId })
    await kube.waitReady(objects, { timeoutMs: readyTimeoutMs, failFast: true })
    return podName(node)
  } catch (error) {
    throw isLabError(error) && error.code !== 'cluster-unreachable' ? noShell(node, error) : error
  }
}

function noShell(node: string, error: LabError): LabError {
  return new LabError({
    code: 'unsupported',
    message: `there is no way to a shell on node ${node}`,
    cause: `a privileged debug pod cannot run there: ${[messageOf(error), ...error.problems].join('; ')}`,
    hint: 'allow privileged pods (Pod Security, RBAC), or leave out what needs a node',
  })
}

async function execOnNode(
  kube: KubeClient,
  { namespace, pod, argv, options }: { namespace: string; pod: string; argv: string[]; options: ExecOptions },
): Promise<ExecResult> {
  const started = performance.now()
  const { code, stdout, stderr } = await kube.exec({
    namespace,
    pod,
    command: enterNode(argv),
    stdin: options.stdin?.toString() ?? '',
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...(options.signal && { signal: options.signal }),
  })
  const durationMs = performance.now() - started
  if (code === 0 || options.allowFailure) return { argv, code, signal: null, stdout, stderr, durationMs }
  throw new LabError({
    code: 'command-failed',
    message: `command failed with exit code ${code}: ${pasteable(argv)}`,
    cause: (stderr || stdout).trim().split('\n').slice(-20).join('\n'),
    hint: pasteable(argv),
  })
}

function namespaceObject({ namespace }: NodeShellChoices): KubernetesObject {
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }
}

function podName(node: string): string {
  return `node-${node.replaceAll('.', '-')}`.slice(0, 63).replace(/-+$/, '')
}

function debugPod({ namespace, image }: NodeShellChoices, node: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName(node), namespace },
    spec: {
      nodeName: node,
      hostPID: true,
      hostNetwork: true,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'shell', image, args: ['pause'], securityContext: { privileged: true } }],
    },
  }
}
