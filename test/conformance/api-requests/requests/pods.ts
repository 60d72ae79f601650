import { two } from './patching.ts'
import {
  container,
  core,
  get,
  mergePatch,
  patch,
  pod,
  podSpec,
  post,
  type Request,
  remove,
  strategicPatch,
  table,
} from './request.ts'
export const pods: Request[] = [
  post('a pod', `${core}/pods`, two),
  patch(
    'a pod: another image',
    `${core}/pods/two`,
    { spec: { containers: [{ name: 'side', image: 'busybox:1.37' }] } },
    strategicPatch,
  ),
  patch(
    'a pod: another command',
    `${core}/pods/two`,
    { spec: { containers: [{ name: 'side', command: ['x'] }] } },
    strategicPatch,
  ),
  patch(
    'a pod: another container',
    `${core}/pods/two`,
    { spec: { containers: [{ name: 'third', image: 'x' }] } },
    strategicPatch,
  ),
  patch(
    'a pod: a toleration more',
    `${core}/pods/two`,
    { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } },
    mergePatch,
  ),
  get('a pod: its log', `${core}/pods/two/log`),
  get('a pod: as a table', `${core}/pods/two`, table),
  post('a pod: bound to nothing', `${core}/pods/two/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'two' },
    target: { kind: 'Node', name: '' },
  }),
  post('a pod: bound', `${core}/pods/two/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'two' },
    target: { kind: 'Node', name: 'node-1' },
  }),
  post('a pod: bound again', `${core}/pods/two/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'two' },
    target: { kind: 'Node', name: 'node-2' },
  }),
  get('a pod: after its binding', `${core}/pods/two`),
  patch(
    'a pod: its status',
    `${core}/pods/two/status`,
    { status: { phase: 'Running', podIP: '192.168.0.5' } },
    mergePatch,
  ),
  patch(
    'a pod: a debug container',
    `${core}/pods/two/ephemeralcontainers`,
    { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox:1.36' }] } },
    strategicPatch,
  ),
  post('a pod: evicted, dry run', `${core}/pods/two/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'two', namespace: 'shop' },
    deleteOptions: { dryRun: ['All'] },
  }),
  remove('a pod: deleted', `${core}/pods/two`, { gracePeriodSeconds: 5 }),
  get('a pod: being deleted', `${core}/pods/two`),
  remove('a pod: deleted at once', `${core}/pods/two`, { gracePeriodSeconds: 0 }),
  get('a pod: gone', `${core}/pods/two`),
  post(
    'a pod: on a node from the start',
    `${core}/pods`,
    pod('placed', { ...podSpec, nodeName: 'node-1', terminationGracePeriodSeconds: 1 }),
  ),
  post('a pod: its name generated', `${core}/pods?dryRun=All`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'many-' },
    spec: podSpec,
  }),
  post(
    'a pod: of classes of resources',
    `${core}/pods`,
    pod('guaranteed', {
      containers: [{ ...container, resources: { limits: { cpu: '500m', memory: '64Mi' } } }],
    }),
  ),
  post(
    'a pod: with probes',
    `${core}/pods`,
    pod('probed', {
      containers: [
        {
          ...container,
          readinessProbe: { httpGet: { port: 80 } },
          livenessProbe: { tcpSocket: { port: 80 } },
        },
      ],
    }),
  ),
  post(
    'a pod: with volumes',
    `${core}/pods`,
    pod('volumes', {
      containers: [{ ...container, volumeMounts: [{ name: 'a', mountPath: '/a' }] }],
      volumes: [
        { name: 'a' },
        { name: 'b', configMap: { name: 'x' } },
        { name: 'c', secret: { secretName: 'y' } },
      ],
    }),
  ),
  post('a token', `${core}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 900 },
  }),
  post('a token for too short', `${core}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 5 },
  }),
  post('a token of nobody', `${core}/serviceaccounts/nobody/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  }),
]
