import type { Section } from '../session.ts'
import { sleeping } from './manifests.ts'

const node = '"$(kubectl get nodes -o name | head -1 | cut -d/ -f2)"'
const tries = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do'
const running = (app: string) => ({
  run: `kubectl rollout status deploy/${app} --timeout=120s | tail -1`,
})

export const nodeSteps: Section = [
  { run: 'kubectl get nodes', says: /Ready/, incomparable: 'roles differ' },
  { run: 'kubectl apply -f -', stdin: sleeping('Deployment', 'web', { replicas: 1 }) },
  running('web'),
  { run: `kubectl cordon ${node}`, says: /cordoned/ },
  { run: `kubectl cordon ${node}`, says: /already cordoned/ },
  { run: 'kubectl get nodes --no-headers | awk "{print \\$2}"', says: /^Ready,SchedulingDisabled$/m },
  {
    run: `${tries} kubectl get nodes -o jsonpath='{.items[0].spec.taints[*].key}' | grep unschedulable && break; sleep 1; done`,
    says: /node.kubernetes.io\/unschedulable/,
  },
  { run: 'kubectl scale deploy/web --replicas=2' },
  {
    run: `${tries} kubectl get events --field-selector reason=FailedScheduling -o jsonpath='{.items[0].message}' | grep nodes && break; sleep 1; done`,
    says: /1 node\(s\) were unschedulable/,
  },
  { run: `kubectl uncordon ${node}`, says: /uncordoned/ },
  running('web'),
  {
    run: `kubectl drain ${node} --pod-selector=app=web --ignore-daemonsets --timeout=90s | sort -u | grep -v evicting`,
    says: /drained/,
  },
  {
    run: `${tries} test "$(kubectl get pods -l app=web -o jsonpath='{.items[*].status.phase}')" = "Pending Pending" && { echo both wait; break; }; sleep 1; done`,
    says: /^both wait$/m,
  },
  { run: `kubectl uncordon ${node}` },
  running('web'),
  { run: `kubectl taint nodes ${node} lab=broken:NoSchedule`, says: /tainted/ },
  { run: `kubectl taint nodes ${node} lab=broken:NoSchedule`, code: 1, complains: /already has lab taint/ },
  { run: 'kubectl scale deploy/web --replicas=3' },
  {
    run: `${tries} kubectl get pods -l app=web -o jsonpath='{.items[*].status.conditions[*].message}' | grep -o "0/1.*" && break; sleep 1; done`,
    says: /untolerated taint\(s\)/,
  },
  { run: `kubectl taint nodes ${node} lab:NoSchedule-`, says: /untainted/ },
  running('web'),
  { run: `kubectl taint nodes ${node} lab=gone:NoExecute` },
  {
    run: `${tries} kubectl get events -o jsonpath='{.items[*].message}' | grep -o "Marking for deletion Pod [a-z/]*" | sort -u && break; sleep 1; done`,
    says: /Marking for deletion Pod/,
  },
  { run: `kubectl taint nodes ${node} lab-` },
  running('web'),
  {
    run: `kubectl label node ${node} disk=ssd; kubectl get nodes -l disk=ssd --no-headers | wc -l; kubectl label node ${node} disk-`,
    says: /^1$/m,
  },
  { run: `kubectl annotate node ${node} note=x; kubectl annotate node ${node} note-` },
  { run: 'kubectl delete deploy web --timeout=60s' },
]
