import {
  applyPatch,
  apps,
  core,
  get,
  mergePatch,
  object,
  patch,
  post,
  put,
  type Request,
  workload,
} from './request.ts'

const maps = `${core}/configmaps`
const owned = `${maps}/owned-fields`
const web = `${apps}/deployments/owned-fields`
const map = (data: unknown, more = {}) => ({
  ...object('v1', 'ConfigMap', 'owned-fields', { data }),
  ...more,
})
const apply = (name: string, by: string, document: unknown, more = '') =>
  patch(`fields: ${name}`, `${owned}?fieldManager=${by}${more}`, document, applyPatch)

/** Who owns which field: managedFields are compared whole where a name begins with `fields: `. */
export const managers: Request[] = [
  post('fields: created', `${maps}?fieldManager=maker`, map({ a: '1', b: '2' })),
  patch(
    'fields: merged',
    `${owned}?fieldManager=patcher`,
    { data: { b: '3' }, metadata: { labels: { x: 'y' } } },
    mergePatch,
  ),
  put('fields: updated', `${owned}?fieldManager=maker`, map({ a: '1', c: '4' })),
  apply('applied in conflict', 'one', map({ a: '2' })),
  apply('applied as it is', 'one', map({ a: '1' })),
  apply('applied by force', 'one', map({ a: '2', d: '5' }), '&force=true'),
  apply('applied by another as it is', 'two', map({ d: '5' })),
  apply('given up by one', 'one', map({ a: '2' })),
  apply('given up by all', 'two', map(undefined)),
  apply('with a label and an annotation', 'one', {
    ...map({ a: '2' }),
    metadata: {
      name: 'owned-fields',
      labels: { l: '1' },
      annotations: { n: '2' },
      finalizers: ['example.com/x'],
    },
  }),
  patch(
    'fields: merged over what was applied',
    `${owned}?fieldManager=patcher`,
    { data: { a: '9' } },
    mergePatch,
  ),
  apply('in conflict with an update', 'one', map({ a: '2' })),
  patch('fields: all forgotten', owned, { metadata: { managedFields: [{}] } }, mergePatch),
  get('fields: forgotten', owned),
  patch('fields: after they were forgotten', `${owned}?fieldManager=late`, { data: { z: '1' } }, mergePatch),
  post(
    'fields: a deployment',
    `${apps}/deployments?fieldManager=maker`,
    object('apps/v1', 'Deployment', 'owned-fields', { spec: workload }),
  ),
  patch(
    'fields: its status',
    `${web}/status?fieldManager=controller`,
    { status: { replicas: 1, observedGeneration: 1 } },
    mergePatch,
  ),
  patch('fields: its scale', `${web}/scale?fieldManager=scaler`, { spec: { replicas: 3 } }, mergePatch),
  patch(
    'fields: its image, applied',
    `${web}?fieldManager=one&force=true`,
    object('apps/v1', 'Deployment', 'owned-fields', {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'busybox:2' }] } } },
    }),
    applyPatch,
  ),
  patch(
    'fields: its status, applied',
    `${web}/status?fieldManager=one`,
    object('apps/v1', 'Deployment', 'owned-fields', { status: { readyReplicas: 1 } }),
    applyPatch,
  ),
  patch(
    'fields: in conflict with scale',
    `${web}?fieldManager=two`,
    object('apps/v1', 'Deployment', 'owned-fields', { spec: { replicas: 1 } }),
    applyPatch,
  ),
  get('fields: the deployment', web),
  patch(
    'a manager whose name is long',
    `${owned}?fieldManager=${'m'.repeat(129)}`,
    { data: { a: '0' } },
    mergePatch,
  ),
  patch(
    'a manager whose name is not printable',
    `${owned}?fieldManager=a%00b`,
    { data: { a: '0' } },
    mergePatch,
  ),
  patch(
    'applied to another kind',
    `${owned}?fieldManager=one`,
    object('v1', 'Secret', 'owned-fields'),
    applyPatch,
  ),
  patch(
    'applied without a kind',
    `${owned}?fieldManager=one`,
    { metadata: { name: 'owned-fields' } },
    applyPatch,
  ),
  patch(
    'applied without a name',
    `${owned}?fieldManager=one`,
    { apiVersion: 'v1', kind: 'ConfigMap', data: { q: '1' } },
    applyPatch,
  ),
  patch(
    'applied at an old version',
    `${owned}?fieldManager=one`,
    { ...map({ q: '1' }), metadata: { name: 'owned-fields', resourceVersion: '1' } },
    applyPatch,
  ),
  patch(
    'applied to nothing, with a uid',
    `${maps}/nothing?fieldManager=one`,
    { ...object('v1', 'ConfigMap', 'nothing'), metadata: { name: 'nothing', uid: 'x' } },
    applyPatch,
  ),
  patch('applied that is no object', `${owned}?fieldManager=one`, '[]', applyPatch),
  patch('applied that is no YAML', `${owned}?fieldManager=one`, 'a: [', applyPatch),
  patch(
    'applied with a field twice',
    `${owned}?fieldManager=one&fieldValidation=Strict`,
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned-fields}\ndata: {a: "1", a: "2"}\n',
    applyPatch,
  ),
  patch('fields: let go', owned, { metadata: { finalizers: null } }, mergePatch),
]
