import { backendNames, selectBackend } from '../../../src/cluster/index.ts'

test.each(backendNames)('%s exists', async (name) => {
  const backend = await selectBackend(name)
  expect(Object.keys(backend).sort()).toEqual([
    'create',
    'creates',
    'delete',
    'keepsWarm',
    'list',
    'load',
    'open',
    'preflight',
  ])
})

test.each(['', 'minikube', 'context', 'constructor'])(
  '%j is refused with a list of what exists',
  async (name) => {
    await expect(selectBackend(name)).rejects.toMatchObject({
      code: 'bad-input',
      cause: 'these exist: embedded, kind, context:NAME',
      hint: '--cluster embedded',
    })
  },
)
