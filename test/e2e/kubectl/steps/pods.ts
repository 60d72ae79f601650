import type { Section } from '../session.ts'
import { agnhost, busybox } from './manifests.ts'

const pod = (name: string, container: object, spec: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      ...spec,
      containers: [{ name: 'main', image: busybox, ...container }],
    },
  })

const crashing =
  'echo run; test -e /keep/once && { echo second; sleep 1d; }; touch /keep/once; echo first; exit 3'
const keep = { volumeMounts: [{ name: 'keep', mountPath: '/keep' }] }
const volumes = [{ name: 'keep', emptyDir: {} }]
/** Runs a line on a terminal. */
const onTerminal = (line: string) => `set -o pipefail; script -qec "${line}" /dev/null | tr -d '\\r'`
const tries = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do'

/** Asks the server behind a port that is forwarded to one that is free. */
const forwarded = (what: string) =>
  `: >said; timeout 120 kubectl port-forward ${what} >>said & until port=$(sed -n 's/.*127.0.0.1:\\([0-9]*\\) .*/\\1/p' said) && test "$port" && curl -sf http://127.0.0.1:$port/hostname; do sleep 0.3; done; kill $!; rm said`

export const podSteps: Section = [
  {
    run: `kubectl run web --image=${agnhost} --port=8080 --labels=app=web -- netexec --http-port=8080`,
    says: /pod\/web created/,
  },
  { run: 'kubectl wait --for=condition=Ready pod/web --timeout=120s', says: /condition met/ },
  { run: `kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web --timeout=10s` },
  {
    run: 'kubectl wait --for=condition=Nosuch pod/web --timeout=1s',
    code: 1,
    complains: /timed out waiting/,
  },
  { run: 'kubectl get pod web -o yaml', says: /phase: Running/ },
  { run: 'kubectl exec web -- echo hello', says: /^hello$/m },
  { run: 'echo piped | kubectl exec -i web -- cat', says: /^piped$/m },
  {
    run: 'kubectl exec web -- sh -c "echo out; echo err >&2; exit 7"',
    code: 7,
    says: /^out$/m,
    complains: /^err$/m,
  },
  {
    run: 'kubectl exec web -- nosuch',
    code: 1,
    complains: /nosuch/,
    incomparable: 'the words of the container runtime',
  },
  { run: 'kubectl exec web -c nosuch -- true', code: 1, complains: /container.* nosuch/ },
  { run: 'kubectl exec nosuch -- true', code: 1, complains: /pods "nosuch" not found/ },
  {
    run: onTerminal("kubectl exec -it web -- sh -c 'tty; stty size | wc -w; exit 5'"),
    code: 5,
    says: /\/dev\/pts\/0/,
  },
  { when: 'kubectl logs web | grep -q 8080', run: 'kubectl logs web | grep -c "8080"', says: /^[1-9]/ },
  {
    run: 'kubectl logs web --tail=1 --timestamps',
    incomparable: 'the words of the server',
    says: /^\d{4}-\d\d-\d\dT\S+Z /,
  },
  {
    run: 'kubectl logs -l app=web --prefix --tail=1',
    incomparable: 'the words of the server',
    says: /^\[pod\/web\/web\]/,
  },
  { run: 'kubectl logs web --since=1h --limit-bytes=4 | wc -c', says: /^4$/m },
  {
    run: 'kubectl logs web --previous',
    code: 1,
    complains: /previous terminated container "web" in pod "web" not found/,
  },
  { run: 'kubectl logs web -c nosuch', code: 1, complains: /container nosuch is not valid for pod web/ },
  {
    run: 'kubectl apply -f -',
    stdin: pod('crash', { command: ['sh', '-c', crashing], ...keep }, { volumes }),
  },
  {
    // It runs before it says so.
    when: 'kubectl logs crash | grep -q second',
    run: `${tries} test "$(kubectl get pod crash -o jsonpath='{.status.containerStatuses[0].restartCount}{.status.containerStatuses[0].ready}')" = 1true && break; sleep 1; done; kubectl logs crash`,
    says: /^run\nsecond$/m,
  },
  { run: 'kubectl logs crash --previous', says: /^run\nfirst$/m },
  { run: 'kubectl logs crash -p --tail=1', says: /^first$/m },
  { run: 'kubectl describe pod crash | grep -A4 "Last State"', says: /Exit Code: +3/ },
  { run: 'kubectl get pod crash', says: /1\/1 +Running +1 \(\S+ ago\)/ },
  { run: 'timeout 20 kubectl logs -f job-nosuch', code: 1 },
  {
    run: 'kubectl apply -f -',
    stdin: pod(
      'talk',
      { command: ['sh', '-c', 'for i in 1 2 3; do echo line $i; sleep 1; done'] },
      { restartPolicy: 'Never' },
    ),
  },
  {
    when: 'test "$(kubectl get pod talk -o jsonpath={.status.phase})" != Pending',
    run: 'kubectl logs -f talk',
    says: /^line 1\nline 2\nline 3$/m,
  },
  { run: `kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/talk --timeout=60s` },
  { run: 'kubectl get pod talk', says: /0\/1 +Completed/ },
  {
    run: 'kubectl exec talk -- true',
    code: 1,
    complains: /cannot exec (in|into) a container in a completed pod/,
  },
  {
    run: 'printf "a\\nb\\n" > up.txt; kubectl cp up.txt web:/tmp/up.txt && kubectl exec web -- cat /tmp/up.txt',
    says: /^a\nb$/m,
  },
  {
    run: 'kubectl cp web:/tmp/up.txt down.txt >/dev/null 2>&1; cmp up.txt down.txt && echo same',
    says: /^same$/m,
  },
  {
    run: 'mkdir -p tree/deep; echo x > tree/deep/file; kubectl cp tree web:/tmp/ && kubectl exec web -- cat /tmp/tree/deep/file; rm -r tree *.txt',
    says: /^x$/m,
  },
  { run: 'kubectl cp web:/nosuch nosuch', incomparable: 'the words of the tar in the image' },
  {
    run: 'kubectl apply -f -',
    stdin: pod(
      'ears',
      { command: ['sh', '-c', 'while read line; do echo heard $line; done'], stdin: true, stdinOnce: true },
      { restartPolicy: 'Never' },
    ),
  },
  {
    run: 'kubectl wait --for=condition=Ready pod/ears --timeout=60s >/dev/null; echo word | timeout 20 kubectl attach -i ears 2>/dev/null',
    says: /^heard word$/m,
  },
  { run: `kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/ears --timeout=60s` },
  {
    run: `echo typed | timeout 60 kubectl run once -i --rm --restart=Never --image=${busybox} -- cat 2>/dev/null | head -1`,
    says: /^typed$/m,
  },
  { run: 'kubectl get pod once', code: 1 },
  {
    // It waits for a line, so that it says nothing before kubectl listens. What else is said is told if it is not that.
    // In the background, where timeout(1) puts what a shell starts for it, kubectl would be stopped by its terminal.
    run: `${onTerminal(
      `timeout --foreground 120 kubectl run tty -it --rm --restart=Never --image=${busybox} -- sh -c 'read line; tty'`,
    )} >said && grep -o "/dev/pts/0" said || { cat said >&2; false; }`,
    stdin: 'go\n',
    says: /^\/dev\/pts\/0$/m,
  },
  { run: forwarded('pod/web :8080'), says: /web/ },
  { run: 'kubectl expose pod web --port=80 --target-port=8080' },
  { run: forwarded('svc/web :80'), says: /web/ },
  {
    run: `kubectl debug web --image=${busybox} --target=web --profile=general --container=debugger -- sleep 1d 2>&1`,
    says: /Targeting container "web"/,
  },
  {
    run: `${tries} test "$(kubectl get pod web -o jsonpath='{.status.ephemeralContainerStatuses[0].state.running.startedAt}')" && break; sleep 1; done; kubectl exec web -c debugger -- sh -c 'cat /proc/1/cmdline | tr "\\0" " "'`,
    says: /\/agnhost netexec/,
    incomparable: 'the program is a script here',
  },
  {
    run: "kubectl get pod web -o jsonpath='{.spec.ephemeralContainers[0].name} {.spec.ephemeralContainers[0].targetContainerName}'",
    says: /^debugger web$/,
  },
  {
    run: 'kubectl describe pod web | sed -n "/^Ephemeral Containers/,/^Conditions/p" | grep -E "debugger|Image:|State:"',
  },
  {
    run: `kubectl debug web --copy-to=copy --profile=general --image=${busybox} --container=extra -- sleep 1d; kubectl wait --for=condition=Ready pod/copy --timeout=60s`,
    says: /condition met/,
  },
  { run: "kubectl get pod copy -o jsonpath='{.spec.containers[*].name}'", says: /^web extra$/ },
  { run: 'kubectl label pod web tier=front; kubectl get pods -l tier=front -o name', says: /^pod\/web$/m },
  {
    run: 'kubectl set image pod/web web=busybox:1.36 --dry-run=server -o jsonpath={.spec.containers[0].image}',
    says: /busybox:1.36/,
  },
  {
    run: `kubectl patch pod web -p '{"spec":{"hostNetwork":true}}'`,
    code: 1,
    complains: /pod updates may not change fields other than/,
    incomparable: 'it shows the pod',
  },
  { run: 'kubectl apply -f -', stdin: pod('lost', { image: 'nosuch.invalid/nothing:1' }) },
  {
    run: `${tries} kubectl get pod lost | grep -E "ErrImagePull|ImagePullBackOff" >/dev/null && { echo refused; break; }; sleep 1; done`,
    says: /^refused$/m,
  },
  { run: 'kubectl apply -f -', stdin: pod('large', { resources: { requests: { cpu: '500' } } }) },
  {
    when: `kubectl get pod large -o jsonpath='{.status.conditions[0].message}' | grep -q .`,
    run: `${tries} kubectl describe pod large | grep -q FailedScheduling && break; sleep 1; done; kubectl get pod large -o jsonpath='{.status.conditions[0].message}'`,
    says: /^0\/1 nodes are available: 1 Insufficient cpu\./,
  },
  { run: 'kubectl get pod large', says: /0\/1 +Pending/ },
  { run: 'kubectl apply -f -', stdin: pod('picky', {}, { nodeSelector: { disk: 'ssd' } }) },
  {
    run: `${tries} kubectl describe pod picky | grep -q FailedScheduling && break; sleep 1; done; kubectl get events --field-selector involvedObject.name=picky -o jsonpath='{.items[0].type} {.items[0].reason} {.items[0].message}'`,
    says: /didn't match Pod's node affinity\/selector/,
  },
  {
    run: 'kubectl apply -f -',
    stdin: pod(
      'claiming',
      { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'nosuch' } }] },
    ),
  },
  {
    when: `kubectl get pod claiming -o jsonpath='{.status.conditions[0].message}' | grep -q .`,
    run: `${tries} kubectl describe pod claiming | grep -q FailedScheduling && break; sleep 1; done; kubectl get pod claiming -o jsonpath='{.status.conditions[0].message}'`,
    says: /persistentvolumeclaim "nosuch" not found/,
  },
  {
    run: 'kubectl apply -f -',
    stdin: pod('unset', { command: ['true'], envFrom: [{ configMapRef: { name: 'nosuch' } }] }),
  },
  {
    run: `${tries} kubectl get pod unset | grep -q CreateContainerConfigError && { echo refused; break; }; sleep 1; done; kubectl get pod unset -o jsonpath='{.status.containerStatuses[0].state.waiting.message}'`,
    says: /configmap "nosuch" not found/,
  },
  { run: 'kubectl delete pod crash --grace-period=1', says: /deleted/ },
  { run: 'kubectl delete pod talk ears --now' },
  {
    run: 'kubectl delete pod lost large picky claiming unset --force',
    complains: /Immediate deletion does not wait/,
  },
  {
    run: 'kubectl delete pod web copy --wait=false && kubectl wait --for=delete pod/web pod/copy --timeout=90s',
    incomparable: 'whether a pod is still there is a matter of time',
  },
  { run: 'kubectl get pods', complains: /No resources found/ },
]
