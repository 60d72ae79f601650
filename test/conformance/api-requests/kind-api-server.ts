import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'yaml'
import { type Api, sendHttps } from './real-api-server.ts'

const manifests = '/etc/kubernetes/manifests'
const paused = '/etc/kubernetes/paused'
/** What changes objects between two requests, each time at another moment. */
const actors = ['kube-controller-manager', 'kube-scheduler']

/**
 * The API server of a kind cluster, by its kubeconfig. Its controller manager and scheduler stand still until `close`,
 * so that every request finds what the request before it left. `close` takes away what the requests made, too.
 */
export async function openKindApiServer(kubeconfigFile: string): Promise<Api> {
  const config = parse(readFileSync(kubeconfigFile, 'utf8'))
  const context = config.contexts.find((each: { name: string }) => each.name === config['current-context'])
  const { cluster } = config.clusters.find((each: { name: string }) => each.name === context.context.cluster)
  const { user } = config.users.find((each: { name: string }) => each.name === context.context.user)
  const name = /^kind-(.+)$/.exec(context.context.cluster)?.[1]
  if (!name || !user['client-key-data']) throw new Error(`${kubeconfigFile} is not of a kind cluster`)
  const decoded = (text: string) => Buffer.from(text, 'base64')
  const agent = new Agent({
    keepAlive: true,
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  })
  const { hostname, port } = new URL(cluster.server)
  const send: Api['send'] = (request) => sendHttps({ host: hostname, port: Number(port), agent }, request)
  move(name, manifests, paused)
  await untilHeld(send)
  return {
    send,
    async close() {
      move(name, paused, manifests)
      await removeTraces(send)
      agent.destroy()
    },
  }
}

function move(cluster: string, from: string, to: string): void {
  const moves = actors.map(
    (actor) => `if [ -f ${from}/${actor}.yaml ]; then mv ${from}/${actor}.yaml ${to}/; fi`,
  )
  const script = ['set -e', `mkdir -p ${to}`, ...moves].join('\n')
  const { status, stderr } = spawnSync('docker', ['exec', `${cluster}-control-plane`, 'sh', '-c', script], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`docker exec ${cluster}-control-plane: ${stderr}`)
}

const heldTimeoutMs = 60_000

/** The kubelet ends a static pod a moment after its manifest is gone, and takes the pod's mirror away then. */
async function untilHeld(send: Api['send']): Promise<void> {
  const deadline = Date.now() + heldTimeoutMs
  const path = '/api/v1/namespaces/kube-system/pods?labelSelector=tier%3Dcontrol-plane'
  while (Date.now() < deadline) {
    const { items } = JSON.parse((await send({ method: 'GET', path })).text)
    const names = items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
    if (!names.some((name: string) => actors.some((actor) => name.startsWith(actor)))) return
    await delay(500)
  }
  throw new Error(`the controllers still run after ${heldTimeoutMs} ms`)
}

const namespace = '/api/v1/namespaces/shop'
const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com'

/** The namespace goes when the controllers are back; another recording waits for that. */
async function removeTraces(send: Api['send']): Promise<void> {
  // No kubelet confirms the end of a pod on a node that is none.
  const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 })
  const headers = { 'content-type': 'application/json' }
  await send({ method: 'DELETE', path: `${namespace}/pods`, headers, body })
  for (const path of [namespace, definition]) await send({ method: 'DELETE', path })
  const deadline = Date.now() + heldTimeoutMs
  while (Date.now() < deadline) {
    if ((await send({ method: 'GET', path: namespace })).code === 404) return
    await delay(500)
  }
  throw new Error(`namespace shop is still there after ${heldTimeoutMs} ms`)
}
