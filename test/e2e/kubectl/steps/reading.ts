import type { Section } from '../session.ts'
import { events, shop } from './manifests.ts'

const inOrderOfTime = 'what happened when differs from run to run'

export const readingSteps: Section = [
  { run: 'kubectl apply -f -', stdin: shop, says: /deployment.apps\/web created\nservice\/web created/ },
  {
    run: 'kubectl rollout status deployment/web --timeout=120s | tail -1',
    says: /^deployment "web" successfully rolled out$/m,
  },
  { run: 'kubectl get pods', says: /^NAME +READY +STATUS +RESTARTS +AGE\nweb-/ },
  { run: 'kubectl get pods -o wide', says: /NODE +NOMINATED NODE +READINESS GATES/ },
  {
    run: 'kubectl get pods -A -o wide | grep -c web-',
    says: /^2$/m,
  },
  { run: 'kubectl get deployments,services,configmaps', says: /deployment.apps\/web +2\/2 +2 +2/ },
  { run: 'kubectl get deploy web -o wide' },
  { run: 'kubectl get rs -o wide' },
  { run: 'kubectl get svc web -o wide' },
  {
    when: `kubectl get endpointslices -o jsonpath='{.items[*].endpoints[*].conditions.ready}' | grep -q "true true"`,
    run: 'kubectl get endpoints web',
    says: /:8080,.*:8080/,
  },
  { run: 'kubectl get endpointslices' },
  { run: 'kubectl get all', says: /replicaset.apps\/web-/ },
  { run: 'kubectl get deploy web -o yaml', says: /minimum availability/ },
  { run: 'kubectl get svc web -o yaml', says: /internalTrafficPolicy: Cluster/ },
  { run: 'kubectl get cm settings -o json', says: /"COLOR": "blue"/ },
  { run: 'kubectl get pods -l app=web -o yaml', says: /qosClass: Burstable/ },
  { run: "kubectl get pods -o jsonpath='{.items[*].status.phase}'", says: /^Running Running$/ },
  {
    run: `kubectl get pods -o jsonpath='{range .items[*]}{.spec.containers[0].image}{"\\n"}{end}'`,
    says: /agnhost/,
  },
  {
    run: 'kubectl get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image,NONE:.spec.nothing',
    says: /<none>/,
  },
  { run: 'kubectl get pods --no-headers -o name', says: /^pod\/web-/ },
  { run: 'kubectl get pods --show-labels', says: /pod-template-hash=/ },
  { run: 'kubectl get pods -L app,missing', says: /APP +MISSING/ },
  { run: 'kubectl get pods --field-selector status.phase=Running -o name' },
  { run: 'kubectl get pods --field-selector status.phase=Failed', complains: /No resources found in/ },
  { run: "kubectl get pods -l 'app in (web,api),app notin (x)' -o name" },
  { run: 'kubectl get pods -l app!=web -o name' },
  { run: 'kubectl get deploy --sort-by=.metadata.name -o name' },
  { run: 'kubectl get pod nosuch', code: 1, complains: /pods "nosuch" not found/ },
  { run: 'kubectl get nosuchkind', code: 1, complains: /doesn't have a resource type "nosuchkind"/ },
  { run: 'kubectl get pods -o jsonpath={.nothing}' },
  { run: 'kubectl get ns default -o wide' },
  { run: 'kubectl get serviceaccounts' },
  { run: 'kubectl get sc,pv', incomparable: 'what storage there is differs from cluster to cluster' },
  { when: events('ScalingReplicaSet', 1), run: 'kubectl describe deployment web', says: /ScalingReplicaSet/ },
  { when: events('SuccessfulCreate', 2), run: 'kubectl describe rs -l app=web', says: /SuccessfulCreate/ },
  {
    run: `kubectl describe "$(kubectl get pods -l app=web -o name | head -1)" | sed '/^Events:/,$d'`,
    says: /^QoS Class: +Burstable/m,
  },
  {
    when: events('Started', 2),
    run: `kubectl describe pods -l app=web | sed -n 's/^  *Normal  *\\([A-Za-z]*\\) .*/\\1/p' | sort -u`,
    says: /^Started$/m,
  },
  { run: 'kubectl describe service web', says: /^Endpoints: +\S+:8080/m },
  { run: 'kubectl describe configmap settings', unordered: true },
  { run: 'kubectl describe serviceaccount default' },
  { run: 'kubectl describe endpointslices -l kubernetes.io/service-name=web' },
  { run: 'kubectl describe namespace "$NAMESPACE"' },
  { run: `kubectl describe nodes | sed -n '/^Allocated resources/,/^Events/p' | head -4`, says: /Requests/ },
  {
    run: `kubectl describe nodes | sed -n '/^Conditions/,/^Addresses/p' | awk '{print $1, $2}'`,
    says: /Ready True/,
  },
  { run: 'kubectl explain deployment.spec.strategy.rollingUpdate.maxSurge', says: /maximum number of pods/ },
  { run: 'kubectl explain pod.spec.containers.livenessProbe --recursive | head -40' },
  { run: 'kubectl explain nosuch', code: 1 },
  { run: 'kubectl api-resources --api-group=apps' },
  { run: 'kubectl api-resources --namespaced=false --api-group="" -o name' },
  { run: "kubectl api-versions | grep -E '^(v1|apps/|batch/|networking.k8s.io/v1$|policy/)'" },
  { run: 'kubectl auth can-i create deployments', says: /^yes$/m },
  { run: "kubectl auth can-i '*' '*' --all-namespaces", says: /^yes$/m },
  { run: 'kubectl auth whoami', says: /kubernetes-admin/ },
  { run: 'kubectl top pods', code: 1, complains: /Metrics API not available/ },
  { run: 'kubectl top nodes', code: 1, complains: /Metrics API not available/ },
  { run: 'kubectl cluster-info', says: /control plane.* is running at/ },
  { run: 'kubectl version', says: /Server Version: v1\.3/, incomparable: 'versions' },
  { run: 'kubectl events --for deployment/web', says: /ScalingReplicaSet/ },
  {
    run: 'kubectl get events --field-selector reason=ScalingReplicaSet -o custom-columns=KIND:.involvedObject.kind,REASON:.reason,TYPE:.type,MESSAGE:.message',
    says: /Scaled up replica set web-\w+ from 0 to 2/,
  },
  {
    run: "kubectl get events --sort-by=.metadata.creationTimestamp -o jsonpath='{.items[*].reason}'",
    says: /Scheduled/,
    incomparable: inOrderOfTime,
  },
  {
    // It goes on, and has no more to say.
    run: `(: > watched; timeout 120 kubectl get deploy web -w --output-watch-events >> watched & until grep -q ADDED watched; do sleep 0.2; done
sleep 1; kill $! && cat watched; rm watched)`,
    says: /ADDED +web +2\/2/,
  },
  {
    // Whoever has seen the pod added sees all that comes after.
    run: `(: > watched; timeout 120 kubectl get pods -w -l run=seen --no-headers --output-watch-events >> watched &
kubectl run seen --image=busybox:1.36 --restart=Never -- true; until grep -q ADDED watched; do sleep 0.2; done
kubectl label pod seen changed=yes >/dev/null; kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/seen --timeout=60s
kubectl delete pod seen; until grep -q DELETED watched; do sleep 0.2; done; kill $!; awk '{ print $1, $2 }' watched | sort -u; rm watched)`,
    says: /^ADDED seen\nDELETED seen\nMODIFIED seen$/m,
  },
]
