import { isApiError, resources } from '../api-client/index.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { workQueue } from './work-queue.ts'

const name = 'kube-root-ca.crt'

/** Puts the certificate by which pods trust the API server into a ConfigMap of every namespace, and back when it is lost. */
export function startRootAuthorityPublisher({
  client: clientOf,
  certificate,
  log,
}: ControllerContext): Controller {
  const client = clientOf('root-ca-certificate-publisher')
  const namespaces = client.inform(resources.namespaces, ({ object }) => queue.add(object.metadata.name))
  const published = client.inform(resources.configMaps, ({ object: { metadata } }) => {
    if (metadata.name === name) queue.add(metadata.namespace!)
  })
  const data = { 'ca.crt': certificate }

  const reconcile = async (namespace: string) => {
    const found = namespaces.get(namespace)
    if (!found || found.metadata.deletionTimestamp) return
    const known = published.get(name, namespace)
    if (known?.data?.['ca.crt'] === certificate) return
    if (known) return void (await client.patch(resources.configMaps, { name, namespace }, { data }))
    const annotations = {
      'kubernetes.io/description':
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
    }
    try {
      await client.create(resources.configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace, annotations },
        data,
      })
    } catch (error) {
      if (!isApiError(error, 409)) throw error
    }
  }

  const queue = workQueue({ name: 'root authority', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}
