import { request } from 'node:http'
import { LabError, messageOf } from '../errors.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { type ApiClient, resources } from './api-client/index.ts'
import { isReady } from './ready-condition.ts'

export interface ReadinessOptions {
  client: ApiClient
  kubeletSocket: string
  nodes: number
  timeoutMs: number
  /** Resolves once the controllers have nothing to do. */
  quiet(): Promise<void>
  /** Told how long each stage took until it was reached, in ms since the process began. */
  reached(stage: 'nodes' | 'dns' | 'settled'): void
}

/** Resolves when every node and the DNS pod are Ready and all of it is in force; throws `timeout` with what is missing. */
export async function waitUntilReady(options: ReadinessOptions): Promise<void> {
  const { client, nodes, reached, timeoutMs } = options
  let missing = ''
  const work = async () => {
    missing = `${nodes} nodes that are Ready`
    await until(client, 'nodes', (items) => items.filter(isReady).length >= nodes)
    reached('nodes')
    missing = 'a DNS pod (k8s-app: kube-dns) that is Ready'
    await until(client, 'pods', (items) => items.some((pod) => isDns(pod) && isReady(pod)))
    reached('dns')
    missing = 'the rules and routes of every node'
    await options.quiet()
    await settled(options.kubeletSocket, client.revision)
    reached('settled')
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const message = `the cluster is not ready after ${timeoutMs} ms: what is missing is ${missing}`
      reject(new LabError({ code: 'timeout', message, hint: 'ztlab doctor' }))
    }, timeoutMs)
  })
  await Promise.race([work(), late]).finally(() => clearTimeout(timer))
}

/** Resolves once the objects of a kind are as wanted; looks again whenever one changes. */
async function until(
  client: ApiClient,
  kind: 'nodes' | 'pods',
  isReached: (items: KubernetesObject[]) => boolean,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const informer = client.inform(resources[kind], () => {
      if (!isReached(informer.list())) return
      resolve()
      queueMicrotask(() => informer.stop())
    })
  })
}

/** Asks the node agent whether it has programmed everything up to a revision. */
function settled(kubeletSocket: string, revision: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = `/settled?revision=${revision}`
    const asked = request({ socketPath: kubeletSocket, path }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new LabError({ code: 'cluster-failed', message: 'the nodes do not settle', cause: text }))
      })
    })
    asked.on('error', (error) => {
      const cause = messageOf(error)
      reject(new LabError({ code: 'cluster-failed', message: 'the kubelet does not answer', cause }))
    })
    asked.end()
  })
}

function isDns({ metadata }: KubernetesObject): boolean {
  return metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === 'kube-dns'
}
