import type { KubernetesObject } from '../kubernetes-object.ts'
import { applyAll } from './apply.ts'
import { CalicoStorage } from './calico-storage.ts'
import type { KubeClient } from './client.ts'
import { deleteAll } from './delete.ts'
import { addEphemeralContainer } from './ephemeral.ts'
import { execInPod } from './exec.ts'
import { forwardPort } from './port-forward.ts'
import { Resources, resourcePath } from './resources.ts'
import { refusal } from './status.ts'
import type { Transport } from './transport.ts'
import { waitReady } from './wait.ts'

/** The client's methods over an open way to an API server. */
export function kubeOver(transport: Transport): KubeClient {
  const resources = new Resources(transport)
  const calico = new CalicoStorage(resources)
  const api = { transport, resources, calico }

  async function read(path: string, name: string): Promise<string | null> {
    const answer = await transport.request(path)
    if (answer.status === 404) return null
    if (answer.status !== 200) throw refusal(answer, name)
    return answer.body
  }

  return {
    apply: (objects, options = {}) => applyAll(api, objects, options),
    delete: (objects, options = {}) => deleteAll(api, objects, options),
    waitReady: (objects, options = {}) => waitReady(api, objects, options),
    addEphemeralContainer: (request) => addEphemeralContainer(api, request),
    exec: (request) => execInPod(transport, request),
    portForward: (request) => forwardPort(transport, request),
    async get(apiVersion, kind, name, namespace) {
      const stored = await calico.storedVersion(apiVersion)
      const resource = await resources.find(stored, kind)
      if (!resource) return null
      for (const storedName of await calico.storedNames(apiVersion, kind, name)) {
        const body = await read(resourcePath(resource, namespace, storedName), `${kind} ${name}`)
        if (body !== null) return calico.restore(JSON.parse(body) as KubernetesObject)
      }
      return null
    },
    async list(apiVersion, kind, options = {}) {
      const stored = await calico.storedVersion(apiVersion)
      const resource = await resources.find(stored, kind)
      if (!resource) return []
      const query = options.labelSelector ? `?labelSelector=${encodeURIComponent(options.labelSelector)}` : ''
      const body = await read(resourcePath(resource, options.namespace) + query, resource.plural)
      if (body === null) return []
      const { items } = JSON.parse(body) as { items: KubernetesObject[] }
      // A list leaves apiVersion and kind of its items to its own header.
      return items.map((item) => calico.restore({ ...item, apiVersion: stored, kind }))
    },
    async raw(path, request = {}) {
      const answer = await transport.request(path, request)
      if (answer.status >= 400) throw refusal(answer, `${request.method ?? 'GET'} ${path}`)
      return answer.body
    },
    close: () => transport.close(),
  }
}
