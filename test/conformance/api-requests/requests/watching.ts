import { configMap, core, get, mergePatch, patch, post, type Request, remove } from './request.ts'

export const watching: Request[] = [
  post('watched', `${core}/configmaps`, configMap('watched', { labels: { set: 'watched' } })),
  patch('watched changes', `${core}/configmaps/watched`, { data: { name: 'changed' } }, mergePatch),
  patch(
    'watched is deselected',
    `${core}/configmaps/watched`,
    { metadata: { labels: { set: 'no' } } },
    mergePatch,
  ),
  remove('watched goes', `${core}/configmaps/watched`),
  {
    ...get(
      'watch from a version',
      `${core}/configmaps?watch=1&resourceVersion=$(watched:metadata.resourceVersion)&timeoutSeconds=2`,
    ),
    events: 3,
  },
  {
    ...get(
      'watch what is selected',
      `${core}/configmaps?watch=1&labelSelector=set%3Dwatched&resourceVersion=$(watched:metadata.resourceVersion)&timeoutSeconds=2`,
    ),
    events: 2,
  },
  {
    ...get(
      'watch again from where the watch was',
      `${core}/configmaps?watch=1&resourceVersion=$(watched changes:metadata.resourceVersion)&timeoutSeconds=2`,
    ),
    events: 2,
  },
  { ...get('watch from nowhere', `${core}/configmaps?watch=1&resourceVersion=nonsense`), events: 1 },
  post('seen first', `${core}/configmaps`, configMap('first', { labels: { set: 'initial' } })),
  {
    ...get(
      'watch with the state first',
      `${core}/configmaps?watch=1&labelSelector=set%3Dinitial&timeoutSeconds=2`,
    ),
    events: 1,
  },
  {
    ...get(
      'watch list',
      `${core}/configmaps?watch=1&labelSelector=set%3Dinitial&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=2`,
    ),
    events: 2,
  },
  {
    ...get(
      'watch one object',
      `${core}/configmaps?watch=1&fieldSelector=metadata.name%3Dfirst&timeoutSeconds=2`,
    ),
    events: 1,
  },
]
