import {
  applyPatch,
  apps,
  container,
  deployment,
  get,
  jsonPatch,
  labels,
  mergePatch,
  patch,
  pod,
  post,
  put,
  type Request,
  strategicPatch,
  table,
  workload,
} from './request.ts'

export const two = {
  ...pod('two', {
    containers: [
      { ...container, ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
      { name: 'side', image: 'busybox:1.36' },
    ],
  }),
}
const applied = (replicas: number | undefined, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'applied' },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
  },
})
const appliedPath = `${apps}/deployments/applied`

export const patching: Request[] = [
  post(
    'a deployment to be patched',
    `${apps}/deployments`,
    deployment('patched', { ...workload, template: { metadata: { labels }, spec: two.spec } }),
  ),
  patch(
    'strategic: one container of two',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox:1.37' }] } } } },
    strategicPatch,
  ),
  patch(
    'strategic: a variable more',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: '2' }] }] } } } },
    strategicPatch,
  ),
  patch(
    'strategic: a container less',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } },
    strategicPatch,
  ),
  patch(
    'strategic: all containers replaced',
    `${apps}/deployments/patched`,
    {
      spec: {
        template: { spec: { containers: [{ $patch: 'replace' }, { name: 'only', image: 'busybox:1.36' }] } },
      },
    },
    strategicPatch,
  ),
  patch(
    'strategic: another strategy',
    `${apps}/deployments/patched`,
    { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    strategicPatch,
  ),
  patch(
    'strategic: a label goes',
    `${apps}/deployments/patched`,
    { metadata: { labels: { gone: null } } },
    strategicPatch,
  ),
  patch(
    'strategic: an element without its key',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ image: 'x' }] } } } },
    strategicPatch,
  ),
  patch(
    'merge: the selector',
    `${apps}/deployments/patched`,
    { spec: { selector: { matchLabels: { app: 'other' } } } },
    mergePatch,
  ),
  patch('merge: nothing', `${apps}/deployments/patched`, {}, mergePatch),
  patch('merge: an array', `${apps}/deployments/patched`, [], mergePatch),
  patch(
    'merge: a field that is none, strict',
    `${apps}/deployments/patched?fieldValidation=Strict`,
    { spec: { nothing: 1 } },
    mergePatch,
  ),
  patch(
    'JSON: replace what is not there',
    `${apps}/deployments/patched`,
    [{ op: 'replace', path: '/spec/none', value: 1 }],
    jsonPatch,
  ),
  patch(
    'JSON: remove what is not there',
    `${apps}/deployments/patched`,
    [{ op: 'remove', path: '/spec/none' }],
    jsonPatch,
  ),
  patch(
    'JSON: move and copy',
    `${apps}/deployments/patched`,
    [
      { op: 'add', path: '/metadata/annotations', value: { x: '1' } },
      { op: 'copy', from: '/metadata/annotations/x', path: '/metadata/annotations/y' },
      { op: 'move', from: '/metadata/annotations/x', path: '/metadata/annotations/z' },
    ],
    jsonPatch,
  ),
  patch(
    'JSON: an operation that is none',
    `${apps}/deployments/patched`,
    [{ op: 'explode', path: '/spec' }],
    jsonPatch,
  ),
  patch('a patch of an unknown type', `${apps}/deployments/patched`, {}),
  patch('a patch of what is not there', `${apps}/deployments/none`, {}, mergePatch),
  patch(
    'status through the main resource',
    `${apps}/deployments/patched`,
    { status: { replicas: 9 } },
    mergePatch,
  ),
  patch(
    'status through its subresource',
    `${apps}/deployments/patched/status`,
    { status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1 } },
    mergePatch,
  ),
  patch(
    'a spec through the subresource',
    `${apps}/deployments/patched/status`,
    { spec: { replicas: 7 } },
    mergePatch,
  ),
  get('scale', `${apps}/deployments/patched/scale`),
  put('scale to four', `${apps}/deployments/patched/scale`, {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'patched', namespace: 'shop' },
    spec: { replicas: 4 },
  }),
  patch('scale to five', `${apps}/deployments/patched/scale`, { spec: { replicas: 5 } }, mergePatch),
  patch('scale below nothing', `${apps}/deployments/patched/scale`, { spec: { replicas: -1 } }, mergePatch),
  get('the deployment after all that', `${apps}/deployments/patched`),
  get('the deployment as a table', `${apps}/deployments/patched`, table),
  patch('apply: new', `${appliedPath}?fieldManager=one`, applied(2, 'busybox:1'), applyPatch),
  patch('apply: again', `${appliedPath}?fieldManager=one`, applied(2, 'busybox:1'), applyPatch),
  patch(
    'apply: by another, in conflict',
    `${appliedPath}?fieldManager=two`,
    applied(3, 'busybox:1'),
    applyPatch,
  ),
  patch(
    'apply: by another, by force',
    `${appliedPath}?fieldManager=two&force=true`,
    applied(3, 'busybox:1'),
    applyPatch,
  ),
  patch(
    'apply: the first gives replicas up',
    `${appliedPath}?fieldManager=one`,
    applied(undefined, 'busybox:1'),
    applyPatch,
  ),
  patch(
    'apply: in conflict over an image',
    `${appliedPath}?fieldManager=two`,
    applied(3, 'busybox:2'),
    applyPatch,
  ),
  patch('apply: without a manager', appliedPath, applied(1, 'busybox:1'), applyPatch),
  patch(
    'apply: with managed fields',
    `${appliedPath}?fieldManager=one`,
    { ...applied(1, 'busybox:1'), metadata: { name: 'applied', managedFields: [] } },
    applyPatch,
  ),
  patch(
    'apply: a field that is none',
    `${appliedPath}?fieldManager=one`,
    { ...applied(1, 'busybox:1'), nothing: 1 },
    applyPatch,
  ),
  patch(
    'apply: under another name',
    `${appliedPath}?fieldManager=one`,
    { ...applied(1, 'busybox:1'), metadata: { name: 'other' } },
    applyPatch,
  ),
  patch('force without apply', `${appliedPath}?force=true`, {}, mergePatch),
  get('the applied deployment', appliedPath),
]
