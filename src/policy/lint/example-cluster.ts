/** The cluster of most examples: a shop with three pods, monitoring, and the cluster's DNS. */
export const shop = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { team: shop }
---
apiVersion: v1
kind: Namespace
metadata:
  name: monitoring
  labels: { team: platform }
---
apiVersion: v1
kind: Namespace
metadata:
  name: kube-system
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels: { app: web, tier: front }
spec:
  containers: [{ name: web, image: nginx, ports: [{ name: http, containerPort: 8080 }] }]
status: { podIP: 192.168.1.10, phase: Running }
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels: { app: api, tier: back }
spec:
  containers: [{ name: api, image: shop/api, ports: [{ name: http, containerPort: 8080 }] }]
status: { podIP: 192.168.1.11, phase: Running }
---
apiVersion: v1
kind: Pod
metadata:
  name: db
  namespace: shop
  labels: { app: db, tier: back }
spec:
  containers: [{ name: db, image: postgres, ports: [{ name: postgres, containerPort: 5432 }] }]
status: { podIP: 192.168.1.12, phase: Running }
---
apiVersion: v1
kind: Pod
metadata:
  name: prometheus
  namespace: monitoring
  labels: { app: prometheus }
spec:
  containers: [{ name: prometheus, image: prom/prometheus, ports: [{ name: web, containerPort: 9090 }] }]
status: { podIP: 192.168.2.10, phase: Running }
---
apiVersion: v1
kind: Pod
metadata:
  name: coredns
  namespace: kube-system
  labels: { k8s-app: kube-dns }
spec:
  containers:
    - name: coredns
      image: registry.k8s.io/coredns/coredns
      ports: [{ name: dns, containerPort: 53, protocol: UDP }, { name: dns-tcp, containerPort: 53 }]
status: { podIP: 192.168.3.10, phase: Running }
`.trim()
