import { connect as tlsConnect } from 'node:tls'
import { LabError } from '../../../errors.ts'
import type { KubeClient } from '../../../kube/index.ts'
import type { KubernetesObject } from '../../../kubernetes-object.ts'
import type { Flow, FlowOptions } from '../../flow.ts'
import { type GrpcConnection, grpcOver } from './grpc.ts'
import { flowOfResult, flowRequest, flowsOfList, type WindowedFlow } from './messages.ts'

/** Where Calico's operator puts it. */
const namespace = 'calico-system'
const service = 'goldmane'
const port = 7443

/** A running Goldmane, or null where there is none. */
export async function findGoldmane(kube: KubeClient): Promise<KubernetesObject | null> {
  const pods = await kube.list('v1', 'Pod', { namespace, labelSelector: `k8s-app=${service}` })
  const isReady = ({ metadata, status }: KubernetesObject) =>
    !metadata.deletionTimestamp &&
    status?.conditions?.some(({ type, status }: Condition) => type === 'Ready' && status === 'True')
  return pods.find(isReady) ?? null
}

interface Condition {
  type: string
  status: string
}

/** Goldmane tells of a window of 15 s once it is complete, up to 45 s later; the last of them come at once. */
const lookBackS = 60

/**
 * The flows that Goldmane tells of meanwhile, beginning with those of the last minute; in the end those of windows that
 * are not complete yet. Throws `missing-permission` where its Secret or a port-forward is refused,
 * `cluster-unreachable` or `cluster-failed` where it does not answer.
 */
export async function* goldmaneFlows(
  kube: KubeClient,
  pod: KubernetesObject,
  { durationMs, signal }: FlowOptions & { durationMs: number },
): AsyncGenerator<Flow> {
  const connection = await connectTo(kube, pod)
  try {
    const time = AbortSignal.timeout(durationMs)
    const until = signal ? AbortSignal.any([time, signal]) : time
    const beginS = Math.floor(Date.now() / 1000) - lookBackS
    let toldS = beginS
    for await (const answer of connection.call('/goldmane.Flows/Stream', flowRequest(beginS), until)) {
      const found = flowOfResult(answer)
      if (!found) continue
      toldS = Math.max(toldS, found.endS)
      yield found.flow
    }
    if (!signal?.aborted) for (const { flow } of await unfinished(connection, toldS)) yield flow
  } finally {
    connection.close()
  }
}

const answerTimeoutMs = 10_000

async function unfinished(connection: GrpcConnection, fromS: number): Promise<WindowedFlow[]> {
  const late = AbortSignal.timeout(answerTimeoutMs)
  for await (const answer of connection.call('/goldmane.Flows/List', flowRequest(fromS), late)) {
    return flowsOfList(answer)
  }
  if (!late.aborted) return []
  throw new LabError({
    code: 'timeout',
    message: `Goldmane did not list its flows within ${answerTimeoutMs} ms`,
    hint: `kubectl -n ${namespace} logs deployment/${service}`,
  })
}

/** By a port-forward, which no policy and no firewall is in the way of; nothing listens on this machine for it. */
async function connectTo(kube: KubeClient, pod: KubernetesObject): Promise<GrpcConnection> {
  const credentials = await credentialsOf(kube)
  const stream = await kube.portForward({ namespace, pod: pod.metadata.name, port })
  const secured = tlsConnect({
    socket: stream,
    ...credentials,
    servername: `${service}.${namespace}.svc`,
    ALPNProtocols: ['h2'],
    // What the Secret holds is what the server shows: trusted even where its issuer is not told.
    allowPartialTrustChain: true,
  })
  return grpcOver(secured, { authority: `${service}.${namespace}.svc:${port}`, timeoutMs: answerTimeoutMs })
}

/**
 * Goldmane lets in whoever shows a certificate of the operator's: that of Whisker's backend, which is made to read flows,
 * or its own. Source: pkg/render/goldmane and pkg/render/whisker of github.com/tigera/operator.
 */
async function credentialsOf(kube: KubeClient): Promise<{ ca: Buffer; cert: Buffer; key: Buffer }> {
  const own = await secret(kube, 'goldmane-key-pair')
  const client = (await secret(kube, 'whisker-backend-key-pair')) ?? own
  if (own?.cert && client?.cert && client.key) return { ca: own.cert, cert: client.cert, key: client.key }
  throw new LabError({
    code: 'not-found',
    message: `Goldmane runs in ${namespace}, but Secret ${namespace}/goldmane-key-pair holds no certificate`,
    cause: "its operator makes one, unless the cluster's own certificate management does",
    hint: `kubectl -n ${namespace} get secrets`,
  })
}

async function secret(kube: KubeClient, name: string): Promise<{ cert?: Buffer; key?: Buffer } | null> {
  const found = await kube.get('v1', 'Secret', name, namespace)
  if (!found) return null
  const data = found.data as Record<string, string> | undefined
  const decode = (key: string) => (data?.[key] ? Buffer.from(data[key], 'base64') : undefined)
  return { cert: decode('tls.crt'), key: decode('tls.key') }
}
