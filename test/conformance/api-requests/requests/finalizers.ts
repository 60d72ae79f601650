import { configMap, core, get, mergePatch, patch, post, put, type Request, remove } from './request.ts'

export const finalizers: Request[] = [
  post('held', `${core}/configmaps`, {
    ...configMap('held'),
    metadata: { name: 'held', finalizers: ['example.com/hold'] },
  }),
  remove('held: deleted', `${core}/configmaps/held`),
  get('held: still there', `${core}/configmaps/held`),
  post('held: created again', `${core}/configmaps`, configMap('held')),
  patch(
    'held: one finalizer more',
    `${core}/configmaps/held`,
    { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } },
    mergePatch,
  ),
  patch('held: let go', `${core}/configmaps/held`, { metadata: { finalizers: null } }, mergePatch),
  get('held: gone', `${core}/configmaps/held`),
  post('a finalizer that is none', `${core}/configmaps`, {
    ...configMap('bad'),
    metadata: { name: 'bad', finalizers: ['nonsense!'] },
  }),
  post('immutable', `${core}/configmaps`, { ...configMap('still'), immutable: true }),
  patch('immutable: changed', `${core}/configmaps/still`, { data: { a: 'b' } }, mergePatch),
  post('owner without a uid', `${core}/configmaps`, {
    ...configMap('owned'),
    metadata: { name: 'owned', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x' }] },
  }),
  remove('delete what is not there', `${core}/configmaps/none`),
  remove('delete with a bad policy', `${core}/configmaps/still`, { propagationPolicy: 'Sometimes' }),
  put('update what is not there', `${core}/configmaps/none`, configMap('none')),
  put('update under another name', `${core}/configmaps/still`, configMap('other')),
  remove('the default namespace', '/api/v1/namespaces/default'),
]
