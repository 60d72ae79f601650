import { questionsFrom } from '../../../src/cli/commands/matrix-questions.ts'
import type { KubeClient } from '../../../src/kube/index.ts'

test('without --from and --to, those ask whose containers run: not a pod that crashes, nor the node itself', async () => {
  const pod = (name: string, state: object, spec = {}) => ({
    metadata: { namespace: 'shop', name },
    spec,
    status: { phase: 'Running', containerStatuses: [{ state }] },
  })
  const running = { running: {} }
  const list = async () => [
    pod('a', running),
    pod('b', running),
    pod('crashes', { waiting: { reason: 'CrashLoopBackOff' } }),
    pod('host', running, { hostNetwork: true }),
  ]
  const questions = await questionsFrom({ cluster: 'embedded', output: 'text' }, {
    list,
  } as unknown as KubeClient)
  expect(questions.map(({ from, to }) => `${from} ${to}`)).toEqual(['shop/a shop/b', 'shop/b shop/a'])
})
