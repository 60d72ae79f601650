import { chooseImages, fullName } from '../../../src/cluster/kind/images.ts'
import type { Run } from '../../../src/exec.ts'

/** A machine with these images in Docker, and archives with these manifests. */
function machine(docker: string[], archives: Record<string, string | null>): Run {
  return async (argv) => {
    const last = argv.at(-1)!
    const manifest = archives[argv[argv.indexOf('--file') + 1]!]
    const [code, stdout] =
      argv[0] === 'tar' ? [manifest ? 0 : 2, manifest ?? ''] : [docker.includes(last) ? 0 : 1, '']
    return { argv, code, stdout, stderr: '', signal: null, durationMs: 1 }
  }
}

const manifest = JSON.stringify([
  { RepoTags: ['calico/node:v3'] },
  { RepoTags: ['calico/cni:v3'] },
  { RepoTags: null },
])

test('what an archive holds is not loaded a second time', async () => {
  const wanted = await chooseImages(
    { given: ['all.tar'], calico: ['calico/node:v3', 'calico/cni:v3', 'calico/kube-controllers:v3'] },
    machine(['calico/node:v3', 'calico/cni:v3', 'calico/kube-controllers:v3'], { 'all.tar': manifest }),
  )
  expect(wanted).toEqual({
    archives: [{ file: 'all.tar', images: ['calico/node:v3', 'calico/cni:v3'] }],
    names: ['calico/kube-controllers:v3'],
  })
})

test('what nobody has is left to the nodes to pull; what was named is loaded in any case', async () => {
  const wanted = await chooseImages({ given: ['shop/web:1'], calico: ['calico/node:v3'] }, machine([], {}))
  expect(wanted).toEqual({ archives: [], names: ['shop/web:1'] })
})

test.each([[null], ['no JSON'], ['{}']])(
  'an archive whose manifest is %j is taken as it is',
  async (text) => {
    const wanted = await chooseImages({ given: ['odd.tar'], calico: [] }, machine([], { 'odd.tar': text }))
    expect(wanted.archives).toEqual([{ file: 'odd.tar', images: [] }])
  },
)

test.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36'],
  ['calico/node:v3', 'docker.io/calico/node:v3'],
  ['quay.io/calico/node:v3', 'quay.io/calico/node:v3'],
  ['localhost:5000/web', 'localhost:5000/web:latest'],
  ['localhost/web:1', 'localhost/web:1'],
])('containerd knows %s as %s', (image, name) => {
  expect(fullName(image)).toBe(name)
})
