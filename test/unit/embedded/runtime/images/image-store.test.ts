import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { normalizeRepository } from '../../../../../src/embedded/runtime/images/reference.ts'
import { ImageStore, normalizeReference } from '../../../../../src/embedded/runtime/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'ztlab-images-'))
afterAll(() => rmSync(directory, { recursive: true }))
const images = () =>
  new ImageStore(
    { busybox: '/layers/busybox', agnhost: '/layers/agnhost' },
    mkdtempSync(join(directory, 'store-')),
  )
const mine = { id: 'sha256:1', entrypoint: ['/app'], command: [], chain: null }

test.each([
  ['busybox', 'docker.io/library/busybox'],
  ['busybox:1.36', 'docker.io/library/busybox'],
  ['docker.io/library/busybox@sha256:abc', 'docker.io/library/busybox'],
  ['curlimages/curl:8', 'docker.io/curlimages/curl'],
  ['registry.k8s.io/e2e-test-images/agnhost:2.53', 'registry.k8s.io/e2e-test-images/agnhost'],
  ['localhost:5000/web', 'localhost:5000/web'],
])('%s is repository %s', (reference, repository) => {
  expect(normalizeRepository(reference)).toBe(repository)
})

test.each([
  ['web', 'docker.io/library/web:latest'],
  ['shop/web:2', 'docker.io/shop/web:2'],
  ['localhost:5000/web', 'localhost:5000/web:latest'],
])('%s is image %s', (reference, name) => {
  expect(normalizeReference(reference)).toBe(name)
})

test('any tag of agnhost is the built-in agnhost, an unknown image is none', () => {
  expect(images().find('registry.k8s.io/e2e-test-images/agnhost:2.45')).toMatchObject({
    entrypoint: ['/agnhost'],
    layers: ['/layers/agnhost', '/layers/busybox'],
  })
  expect(images().find('redis:7')).toBeUndefined()
})

test('what is not the published image says so', () => {
  expect(images().find('nginx')?.standIn).toBeDefined()
  expect(images().find('busybox')?.standIn).toBeUndefined()
})

test('an imported image is found by its tag, before a built-in one; a registry knows nothing of it', () => {
  const store = images()
  store.add({ ...mine, names: ['nginx:1.27'] })
  expect(store.find('docker.io/library/nginx:1.27')?.entrypoint).toEqual(['/app'])
  expect(store.find('nginx:1.28')?.standIn).toBeDefined()
  expect(store.pull('nginx:1.27')?.standIn).toBeDefined()
})

test('a name that is given to another image is no longer that of the first', () => {
  const store = images()
  store.add({ ...mine, names: ['web', 'web:old'] })
  store.add({ ...mine, id: 'sha256:2', names: ['web'] })
  expect(store.list().filter(({ id }) => id.startsWith('sha256:'))).toMatchObject([
    { id: 'sha256:2', names: ['docker.io/library/web:latest'] },
    { id: 'sha256:1', names: ['docker.io/library/web:old'] },
  ])
})

test('another store of the same directory knows what was imported', () => {
  const built = { busybox: '/layers/busybox', agnhost: '/layers/agnhost' }
  const place = mkdtempSync(join(directory, 'store-'))
  new ImageStore(built, place).add({ ...mine, names: ['mine:1'] })
  const store = new ImageStore(built, place)
  expect(store.find('mine:1')).toMatchObject({ id: 'sha256:1', entrypoint: ['/app'] })
  expect(store.list()).toEqual(expect.arrayContaining([store.find('mine:1')]))
})
