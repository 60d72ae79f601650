import { configMap, core, get, post, type Request, remove } from './request.ts'

export const selecting: Request[] = [
  ...['a', 'b', 'c', 'd', 'e'].map((name, index) =>
    post(
      `page ${name}`,
      `${core}/configmaps`,
      configMap(`page-${name}`, { labels: { even: String(index % 2 === 0) } }),
    ),
  ),
  get('first page', `${core}/configmaps?labelSelector=set%3Dpages&limit=2`),
  get(
    'second page',
    `${core}/configmaps?labelSelector=set%3Dpages&limit=2&continue=$(first page:metadata.continue)`,
  ),
  get(
    'last page',
    `${core}/configmaps?labelSelector=set%3Dpages&limit=2&continue=$(second page:metadata.continue)`,
  ),
  get('page of a token that is none', `${core}/configmaps?limit=2&continue=nonsense`),
  get('equal', `${core}/configmaps?labelSelector=set%3Dpages,even%3Dtrue`),
  get('not equal', `${core}/configmaps?labelSelector=set%3Dpages,even!%3Dtrue`),
  get('in a set', `${core}/configmaps?labelSelector=set%20in%20(pages,others),even%20notin%20(true)`),
  get('exists', `${core}/configmaps?labelSelector=even,!odd`),
  get('a selector that is none', `${core}/configmaps?labelSelector=a%3Db%3Dc`),
  get('a selector with a bad operator', `${core}/configmaps?labelSelector=a%20like%20b`),
  get('by name', `${core}/configmaps?fieldSelector=metadata.name%3Dpage-a`),
  get(
    'by another name',
    `${core}/configmaps?labelSelector=set%3Dpages&fieldSelector=metadata.name!%3Dpage-a`,
  ),
  get('by a field that is none', `${core}/configmaps?fieldSelector=data.name%3Da`),
  get('a field selector that is none', `${core}/configmaps?fieldSelector=nonsense`),
  get('pods by node', `${core}/pods?fieldSelector=spec.nodeName%3Dnone`),
  get('of all namespaces', '/api/v1/configmaps?labelSelector=set%3Dpages'),
  get('as metadata alone', `${core}/configmaps/page-a`, {
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  }),
  get('list as metadata alone', `${core}/configmaps?labelSelector=set%3Dpages`, {
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  }),
  get('a bad limit', `${core}/configmaps?limit=many`),
  remove('delete all that are selected', `${core}/configmaps?labelSelector=set%3Dpages,even%3Dtrue`),
  get('what is left', `${core}/configmaps?labelSelector=set%3Dpages`),
]
