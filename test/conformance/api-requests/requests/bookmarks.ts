import { configMap, core, get, post, type Request, remove, table } from './request.ts'

const maps = `${core}/configmaps`
const selected = `${maps}?watch=1&labelSelector=set%3Dmarked`
const from = 'resourceVersion=$(marked:metadata.resourceVersion)'

/** Watches in other forms, with bookmarks, and with options that do not go together. */
export const bookmarks: Request[] = [
  post('marked', maps, configMap('marked', { labels: { set: 'marked' } })),
  post('marked too', maps, configMap('marked-too', { labels: { set: 'marked' } })),
  remove('marked too goes', `${maps}/marked-too`),
  { ...get('watch to its end', `${selected}&${from}&timeoutSeconds=1`), events: 9 },
  {
    ...get(
      'watch with bookmarks to its end',
      `${selected}&${from}&timeoutSeconds=3&allowWatchBookmarks=true`,
    ),
    events: 9,
  },
  { ...get('watch as a table', `${selected}&${from}&timeoutSeconds=1`, table), events: 9 },
  {
    ...get('watch as metadata alone', `${selected}&${from}&timeoutSeconds=1`, {
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    }),
    events: 9,
  },
  { ...get('watch an object by its path', `${maps}/marked?watch=1&timeoutSeconds=1`), events: 9 },
  {
    ...get(
      'watch by the old path',
      `/api/v1/watch/namespaces/shop/configmaps?timeoutSeconds=1&labelSelector=set%3Dmarked`,
    ),
    events: 9,
  },
  {
    ...get('initial events without a match', `${selected}&sendInitialEvents=true&timeoutSeconds=1`),
    events: 9,
  },
  {
    ...get(
      'initial events of another match',
      `${selected}&sendInitialEvents=true&resourceVersionMatch=Exact&timeoutSeconds=1`,
    ),
    events: 9,
  },
  {
    ...get(
      'a match without initial events',
      `${selected}&resourceVersionMatch=NotOlderThan&timeoutSeconds=1`,
    ),
    events: 9,
  },
  {
    ...get(
      'initial events without bookmarks',
      `${selected}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1`,
    ),
    events: 9,
  },
  { ...get('watch with a time that is none', `${selected}&timeoutSeconds=long`), events: 9 },
  { ...get('watch with a limit', `${selected}&${from}&limit=1&timeoutSeconds=1`), events: 9 },
  {
    ...get('watch a kind that is none', '/api/v1/namespaces/shop/things?watch=1&timeoutSeconds=1'),
    events: 9,
  },
  {
    ...get(
      'watch reviews',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?watch=1&timeoutSeconds=1',
    ),
    events: 9,
  },
  {
    ...get('watch by a selector that is none', `${maps}?watch=1&fieldSelector=data.a%3Db&timeoutSeconds=1`),
    events: 9,
  },
]
