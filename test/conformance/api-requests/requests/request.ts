/** A request of the list. Strings may hold `$(name:path)`: the value at a path of the raw answer to an earlier one. */
export interface Request {
  name: string
  method: string
  path: string
  headers?: Record<string, string>
  body?: unknown
  /** A watch: how many events to wait for. */
  events?: number
}

export type Json = Record<string, unknown>

export const json = { 'content-type': 'application/json' }
export const mergePatch = { 'content-type': 'application/merge-patch+json' }
export const strategicPatch = { 'content-type': 'application/strategic-merge-patch+json' }
export const jsonPatch = { 'content-type': 'application/json-patch+json' }
export const applyPatch = { 'content-type': 'application/apply-patch+yaml' }
export const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

export const get = (name: string, path: string, headers?: Record<string, string>): Request => ({
  name,
  method: 'GET',
  path,
  headers,
})
const send =
  (method: string) =>
  (name: string, path: string, body?: unknown, headers = json): Request => ({
    name,
    method,
    path,
    headers,
    body,
  })
export const post = send('POST')
export const put = send('PUT')
export const patch = send('PATCH')
export const remove = send('DELETE')

export const core = '/api/v1/namespaces/shop'
export const apps = '/apis/apps/v1/namespaces/shop'
export const batch = '/apis/batch/v1/namespaces/shop'

export const container = { name: 'main', image: 'busybox:1.36' }
export const podSpec = { containers: [container] }
export const labels = { app: 'web' }
export const template = { metadata: { labels }, spec: podSpec }
export const workload = { selector: { matchLabels: labels }, template }

export function object(apiVersion: string, kind: string, name: string, body: Json = {}): Json {
  return { apiVersion, kind, metadata: { name }, ...body }
}

export const pod = (name: string, spec: unknown) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec,
})
export const deployment = (name: string, spec: unknown) => object('apps/v1', 'Deployment', name, { spec })
export const service = (name: string, spec: unknown) => object('v1', 'Service', name, { spec })
export const policy = (name: string, spec: unknown) =>
  object('networking.k8s.io/v1', 'NetworkPolicy', name, { spec })
export const policies = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies'

export const configMap = (name: string, more: Json = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { set: 'pages', ...(more.labels as Json) } },
  data: { name },
})
