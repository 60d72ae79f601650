import { findImage, normalizeRepository } from '../../../../src/embedded/runtime/images.ts'

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

test('any tag of agnhost is the built-in agnhost, an unknown image is none', () => {
  expect(findImage('registry.k8s.io/e2e-test-images/agnhost:2.45')?.entrypoint).toEqual(['/agnhost'])
  expect(findImage('redis:7')).toBeUndefined()
})

test('what is not the published image says so', () => {
  expect(findImage('nginx')?.standIn).toBeDefined()
  expect(findImage('busybox')?.standIn).toBeUndefined()
})
