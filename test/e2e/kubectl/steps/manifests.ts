export const agnhost = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
export const busybox = 'busybox:1.36'

/** A line that succeeds once there are so many Events of a reason. */
export function events(reason: string, count: number): string {
  return `test "$(kubectl get events --field-selector reason=${reason} -o name | wc -l)" -ge ${count}`
}

/** A web server of two replicas, its Service and its settings. */
export const shop = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: ${agnhost}
          args: [netexec, --http-port=8080]
          ports: [{ name: http, containerPort: 8080 }]
          envFrom: [{ configMapRef: { name: settings } }]
          resources: { requests: { cpu: 10m, memory: 16Mi }, limits: { memory: 64Mi } }
          readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1 }
          volumeMounts: [{ name: settings, mountPath: /etc/settings }]
      volumes: [{ name: settings, configMap: { name: settings } }]
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { app: web } }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { COLOR: blue, banner.txt: "Welcome\\n" }
`

export function configMap(
  name: string,
  data: Record<string, string>,
  labels?: Record<string, string>,
): string {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data }
  const lines = Object.entries(object).map(([field, value]) => `${field}: ${JSON.stringify(value)}\n`)
  return `---\n${lines.join('')}`
}

/** A Deployment, StatefulSet or DaemonSet whose pods do nothing, and end at once. */
export function sleeping(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  spec: object = {},
): string {
  const labels = { app: name }
  const container = { name: 'main', image: busybox, command: ['sleep', '1d'] }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [container] },
      },
      ...spec,
    },
  })
}
