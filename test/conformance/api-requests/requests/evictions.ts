import { core, get, mergePatch, object, patch, pod, podSpec, post, type Request, remove } from './request.ts'

const budgets = '/apis/policy/v1/namespaces/shop/poddisruptionbudgets'
const labelled = (name: string) => ({ ...pod(name, podSpec), metadata: { name, labels: { guarded: 'yes' } } })
const budget = (name: string, spec: object) =>
  object('policy/v1', 'PodDisruptionBudget', name, {
    spec: { selector: { matchLabels: { guarded: 'yes' } }, ...spec },
  })
const evict = (title: string, name: string, more = {}) =>
  post(`eviction: ${title}`, `${core}/pods/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: 'shop' },
    ...more,
  })
const running = (name: string, isReady: boolean) =>
  patch(
    `eviction: ${name} runs`,
    `${core}/pods/${name}/status`,
    { status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] } },
    mergePatch,
  )
const allowed = (title: string, status: object) =>
  patch(
    `eviction: ${title}`,
    `${budgets}/guard/status`,
    { status: { observedGeneration: 1, expectedPods: 3, desiredHealthy: 2, currentHealthy: 3, ...status } },
    mergePatch,
  )

/** Evictions under a PodDisruptionBudget whose status is written here, as its controller would. */
export const evictions: Request[] = [
  ...['one', 'two', 'three', 'four'].map((name) =>
    post(`eviction: ${name}`, `${core}/pods`, labelled(`guarded-${name}`)),
  ),
  post('eviction: the budget', budgets, budget('guard', { minAvailable: 2 })),
  evict('of what is pending', 'guarded-four'),
  running('guarded-one', true),
  running('guarded-two', true),
  running('guarded-three', false),
  evict('before the budget is counted', 'guarded-one'),
  allowed('nothing allowed', { disruptionsAllowed: 0 }),
  evict('of one too many', 'guarded-one'),
  evict('of one too many, dry run', 'guarded-one', { deleteOptions: { dryRun: ['All'] } }),
  evict('of what is not ready', 'guarded-three'),
  allowed('one allowed', { disruptionsAllowed: 1 }),
  evict('tried', 'guarded-one', { deleteOptions: { dryRun: ['All'] } }),
  evict('of one', 'guarded-one'),
  get('eviction: the budget after it', `${budgets}/guard`),
  evict('of the next', 'guarded-two'),
  patch('eviction: a percentage of them', `${budgets}/guard`, { spec: { minAvailable: '50%' } }, mergePatch),
  evict('while the budget is old', 'guarded-two'),
  post('eviction: another budget', budgets, budget('other', { maxUnavailable: 1 })),
  evict('under two budgets', 'guarded-two'),
  remove('eviction: the other budget goes', `${budgets}/other`),
  evict('of what is not there', 'guarded-none'),
  evict('of another uid', 'guarded-two', { deleteOptions: { preconditions: { uid: 'x' } } }),
  post('eviction: under another name', `${core}/pods/guarded-two/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'other', namespace: 'shop' },
  }),
  post('eviction: without a body', `${core}/pods/guarded-two/eviction`),
  post('eviction: of a version that is gone', `${core}/pods/guarded-two/eviction`, {
    apiVersion: 'policy/v1beta1',
    kind: 'Eviction',
    metadata: { name: 'guarded-two', namespace: 'shop' },
  }),
  remove('eviction: the budget goes', `${budgets}/guard`),
]
