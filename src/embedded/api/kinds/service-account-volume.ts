import type { AdmissionRequest } from '../kind.ts'
import { randomSuffix } from '../random-suffix.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const volumePrefix = 'kube-api-access-'
/** As the real API server asks for: a little over an hour, so that the kubelet renews it hourly. */
const tokenSeconds = 3607

/**
 * Gives a pod what its containers reach the API by, as the admission plugin ServiceAccount does: a token, the authority
 * to trust and the namespace, in a projected volume. Not where the pod or its account says so.
 */
export function mountServiceAccount({ object, list }: AdmissionRequest): void {
  const { spec, metadata } = object
  const account = list('api/v1/serviceaccounts', metadata.namespace).find(
    (each) => each.metadata.name === spec.serviceAccountName,
  )
  if (!(spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true)) return
  // biome-ignore lint/suspicious/noExplicitAny: containers and volumes that were checked against their schemas
  const containers: any[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const lacking = containers.filter(
    ({ volumeMounts = [] }) =>
      !volumeMounts.some((mount: { mountPath: string }) => mount.mountPath === mountPath),
  )
  if (lacking.length === 0) return
  const name = `${volumePrefix}${randomSuffix()}`
  for (const container of lacking)
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }]
  spec.volumes = [...(spec.volumes ?? []), volume(name)]
}

function volume(name: string): object {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespace] } },
      ],
    },
  }
}
