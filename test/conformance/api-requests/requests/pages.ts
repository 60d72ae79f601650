import { configMap, core, get, mergePatch, patch, post, type Request, remove, table } from './request.ts'

const maps = `${core}/configmaps`
const leaf = (name: string) =>
  post(`leaf ${name}`, maps, configMap(`leaf-${name}`, { labels: { book: 'one' } }))
const book = `${maps}?labelSelector=book%3Done`

/** Pages of a list that changes while it is read: every page is of the same moment. */
export const pages: Request[] = [
  ...['a', 'b', 'c', 'd'].map(leaf),
  get('book: first page', `${book}&limit=1`),
  post('book: a leaf before the next', maps, configMap('leaf-aa', { labels: { book: 'one' } })),
  remove('book: a leaf less', `${maps}/leaf-c`),
  patch('book: a leaf changes', `${maps}/leaf-d`, { data: { name: 'changed' } }, mergePatch),
  get('book: the rest', `${book}&limit=9&continue=$(book: first page:metadata.continue)`),
  get('book: as it is now', book),
  get(
    'book: as it was',
    `${book}&resourceVersionMatch=Exact&resourceVersion=$(leaf d:metadata.resourceVersion)`,
  ),
  get(
    'book: not older',
    `${book}&resourceVersionMatch=NotOlderThan&resourceVersion=$(leaf d:metadata.resourceVersion)`,
  ),
  get('book: at any version', `${book}&resourceVersion=0`),
  get('book: whole pages', `${maps}?limit=2`),
  get('book: as a table, in pages', `${book}&limit=2`, table),
  get('exact, but at no version', `${book}&resourceVersionMatch=Exact`),
  get('exact at zero', `${book}&resourceVersionMatch=Exact&resourceVersion=0`),
  get('matched in no known way', `${book}&resourceVersionMatch=Nearly&resourceVersion=5`),
  get('a version that is none', `${book}&resourceVersion=latest`),
  get(
    'a page and a version',
    `${book}&limit=1&continue=$(book: first page:metadata.continue)&resourceVersion=5`,
  ),
  get('a negative limit', `${book}&limit=-1`),
  get('initial events of a list', `${book}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`),
  get('get at a version', `${maps}/leaf-a?resourceVersion=0`),
  remove('the book goes', `${book}&limit=1`),
  get('what is left of the book', book),
]
