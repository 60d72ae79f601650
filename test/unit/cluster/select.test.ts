import { backendNames, selectBackend } from '../../../src/cluster/index.ts'

test.each(backendNames)('%s exists', async (name) => {
  const backend = await selectBackend(name)
  expect(Object.keys(backend).sort()).toEqual(['create', 'delete', 'list', 'open', 'preflight'])
})

test.each(['', 'minikube', 'context:prod', 'constructor'])(
  '%j is refused with a list of what exists',
  async (name) => {
    await expect(selectBackend(name)).rejects.toMatchObject({
      code: 'bad-input',
      cause: 'these exist: embedded, kind',
      hint: '--cluster embedded',
    })
  },
)
