import {
  applyPatch,
  apps,
  configMap,
  core,
  deployment,
  get,
  jsonPatch,
  mergePatch,
  object,
  patch,
  post,
  put,
  type Request,
  remove,
  workload,
} from './request.ts'

const maps = `${core}/configmaps`
const tried = `${maps}/tried`

/** Every verb, tried: the answer is that of the deed, and nothing has changed after it. */
export const dryRun: Request[] = [
  post('tried', maps, configMap('tried')),
  put('tried: update', `${tried}?dryRun=All`, { ...configMap('tried'), data: { a: 'b' } }),
  patch('tried: merge', `${tried}?dryRun=All`, { data: { a: 'b' } }, mergePatch),
  patch('tried: JSON', `${tried}?dryRun=All`, [{ op: 'remove', path: '/data' }], jsonPatch),
  patch(
    'tried: apply',
    `${tried}?dryRun=All&fieldManager=one`,
    object('v1', 'ConfigMap', 'tried', { data: { b: 'c' } }),
    applyPatch,
  ),
  patch(
    'tried: apply what is not there',
    `${maps}/untried?dryRun=All&fieldManager=one`,
    object('v1', 'ConfigMap', 'untried'),
    applyPatch,
  ),
  remove('tried: delete', `${tried}?dryRun=All`),
  remove('tried: delete by its body', tried, { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] }),
  remove('tried: delete in another way', tried, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    dryRun: ['Half'],
  }),
  remove('tried: delete all', `${maps}?dryRun=All&labelSelector=set%3Dpages`),
  get('tried: as it was', tried),
  post('tried: what is there', `${maps}?dryRun=All`, configMap('tried')),
  post('tried: what is wrong', `${maps}?dryRun=All`, configMap('Not_a_name')),
  post('tried: a namespace', '/api/v1/namespaces?dryRun=All', object('v1', 'Namespace', 'tried')),
  remove('tried: a namespace goes', '/api/v1/namespaces/shop?dryRun=All'),
  post('tried: to be scaled', `${apps}/deployments`, deployment('tried', workload)),
  patch('tried: scale', `${apps}/deployments/tried/scale?dryRun=All`, { spec: { replicas: 5 } }, mergePatch),
  patch(
    'tried: status',
    `${apps}/deployments/tried/status?dryRun=All`,
    { status: { replicas: 5 } },
    mergePatch,
  ),
  get('tried: not scaled', `${apps}/deployments/tried`),
  post(
    'tried: a service',
    `${core}/services?dryRun=All`,
    object('v1', 'Service', 'tried', { spec: { type: 'NodePort', ports: [{ port: 80 }] } }),
  ),
]
