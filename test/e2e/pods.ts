import type { KubernetesObject } from '../../src/kubernetes-object.ts'

const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
/** Without one a pod is ready before it listens. */
const readinessProbe = { httpGet: { path: '/hostname', port: 8080 }, periodSeconds: 1 }

/** A namespace with pods that listen at 8080, once they are ready, each labelled `app` by its name. */
export function podsOf(namespace: string, names: string[]): KubernetesObject[] {
  const pod = (name: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image, args: ['netexec', '--http-port=8080'], readinessProbe }],
    },
  })
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...names.map(pod)]
}
