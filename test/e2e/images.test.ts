import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { kill, pidOf } from '../support/cluster-processes.ts'
import { eventually } from '../support/eventually.ts'
import { kubectlOf, testWithKubectl, whyNoKubectl } from '../support/kubectl.ts'
import { layerOf, writeDockerArchive, writeOciLayout } from '../support/oci-layout.ts'
import {
  type Finished,
  type Home,
  homeForTests,
  ordinaryUser,
  startProgram,
  testOnCluster,
  testUnless,
} from '../support/ztlab.ts'

const home = homeForTests()
const { user, reason: whyNoUser } = ordinaryUser()
const homeOfUser = user && homeForTests(user)
const whyNot = whyNoKubectl()

// What images are made of, and where they lie, is for others to read, too.
const umask = process.umask(0o022)
afterAll(() => void process.umask(umask))

const title = 'an OCI layout and a docker save archive are loaded, and pods run as their images say'
testWithKubectl(title, () => runImages(home), 240_000)

testUnless(whyNot ?? whyNoUser, {
  title: 'an ordinary user loads images too',
  body: () => runImages(homeOfUser!, 'root'),
  timeoutMs: 240_000,
})

testUnless(whyNot ?? whyNoDocker(), {
  title: 'an image that Docker builds and saves runs',
  body: runDockerImage,
  timeoutMs: 240_000,
})

testOnCluster(
  'an archive that is damaged, leads out of its folder or has no name is refused: exit 2',
  async () => {
    await up(home, 'refusals')
    // Its own: others load images at the same time.
    const env = { TMPDIR: join(home.directory, 'tmp') }
    mkdirSync(env.TMPDIR)
    const layer = layerOf({ file: 'x' }, home.directory)
    const refusals: [string, (folder: string) => string, RegExp][] = [
      ['no image', (folder) => folder, /neither an index.json.* nor a manifest.json/],
      ['nameless', (folder) => layoutIn(folder, undefined, layer), /has no name(.|\n)*--image NAME:TAG/],
      [
        'damaged',
        (folder) => damaged(layoutIn(folder, 'a/b:1', layer)),
        /is damaged: its content is sha256:/,
      ],
      ['traversal', (folder) => layoutIn(folder, 'a/b:1', evilLayer()), /leads out of the image: refused/],
      ['missing', () => join(home.directory, 'nowhere.tar'), /cannot be read/],
    ]
    for (const [name, make, message] of refusals) {
      const folder = join(home.directory, name)
      mkdirSync(folder)
      const { code, stderr } = await home.ztlab(['cluster', 'load', make(folder), '--name', 'refusals'], {
        env,
      })
      expect({ name, code, stderr }).toEqual({ name, code: 2, stderr: expect.stringMatching(message) })
    }
    expect(readdirSync(env.TMPDIR)).toEqual([])
    const archive = join(home.directory, 'refused.tar')
    writeDockerArchive(archive, { name: 'a/b:1', layers: [layer], config: {} }, home.directory)
    const homeless = { TMPDIR: join(home.directory, 'nowhere') }
    const argv = ['cluster', 'load', archive, '--name', 'refusals']
    const { code, stderr } = await home.ztlab(argv, { env: homeless })
    expect(stderr).toMatch(/ERROR \[missing-permission\] no archive can be unpacked in .*\nwhy: ENOENT/)
    expect(code).toBe(3)
  },
)

/** `user` is the one that the images name: where one user ID alone is mapped there is only root. */
async function runImages(home: Home, user = 'app:tools'): Promise<void> {
  await up(home, 'images')
  const kubectl = kubectlOf(home, 'images')
  await kubectl(['apply', '-f', '-'], pods)
  const waiting = (pod: string) =>
    kubectl(['get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}'])
  // After a while it is the other one.
  const notThere = /^(ErrImagePull|ImagePullBackOff)$/
  await eventually(async () => expect(await waiting('first')).toMatch(notThere))
  await eventually(async () => expect(await waiting('second')).toBe('ErrImageNeverPull'))

  const { layout, archive } = writeImages(home, user)
  expect(await load(home, layout)).toMatchObject({
    stdout:
      'registry.example/app:1 is on the nodes of images\nregistry.example/app:2 is on the nodes of images\n',
  })
  const saved = await load(home, archive)
  expect(saved.stdout).toBe('docker.io/shop/saved:latest is on the nodes of images\n')
  expect(saved.stderr.match(/layer \w+ is there already/g)).toHaveLength(1)

  // Those that waited for the image start by themselves.
  await kubectl(['wait', '--for=condition=Ready', 'pod', '-l', 'runs=yes', '--timeout=60s'])
  const who =
    user === 'root'
      ? 'uid=0(root) gid=0(root)'
      : 'uid=1001(app) gid=3000(tools) groups=3000(tools),4000(extra)'
  const first = [`user ${who}`, 'words from-image two', 'where /srv', 'env blue', 'files kept']
  // They are ready before they have said anything.
  await eventually(async () => expect(linesOf(await kubectl(['logs', 'first']))).toEqual(first))
  const second = ['words given', 'where /tmp', 'env red', 'files added only']
  await eventually(async () => expect(linesOf(await kubectl(['logs', 'second'])).slice(1)).toEqual(second))
  const names = ['get', 'nodes', '-o', 'jsonpath={.items[*].status.images[*].names[0]}']
  await eventually(async () => {
    const listed = (await kubectl(names)).split(' ')
    expect(listed.filter((name) => name === 'registry.example/app:2')).toHaveLength(2)
  })
  // A registry that is asked in any case has nothing of it, as in every cluster.
  await eventually(async () => expect(await waiting('always')).toMatch(notThere))
  expect(
    await kubectl(['get', 'pod', 'always', '-o', 'jsonpath={.status.containerStatuses[0].state}']),
  ).toContain('set IfNotPresent or Never')
  // A node agent that takes over knows what was loaded.
  kill(pidOf(join(home.state, 'images'), 'node agent')!)
  await kubectl(['run', 'again', '--image=registry.example/app:1', '--image-pull-policy=Never'])
  await kubectl(['wait', '--for=condition=Ready', 'pod/again', '--timeout=60s'])
}

async function runDockerImage(): Promise<void> {
  await up(home, 'docker')
  const context = join(home.directory, 'build')
  mkdirSync(context)
  writeFileSync(
    join(context, 'base.tar'),
    layerOf({ bin: { directory: true }, 'bin/busybox': { program: 'busybox' } }, context),
  )
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  const tag = `ztlab-test/built:${process.pid}`
  const archive = join(home.directory, 'built.tar')
  const docker = async (words: string[]) => {
    const { code, stderr } = await startProgram(['docker', ...words], { env: process.env }).finished
    expect({ words, code, stderr: code === 0 ? '' : stderr }).toEqual({ words, code: 0, stderr: '' })
  }
  await docker(['build', '--quiet', '--network=none', '--tag', tag, context])
  try {
    await docker(['save', '--output', archive, tag])
  } finally {
    await docker(['image', 'rm', '--force', tag])
  }
  await load(home, archive, 'docker')
  const kubectl = kubectlOf(home, 'docker')
  await kubectl(['run', 'built', `--image=${tag}`, '--restart=Never'])
  await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/built', '--timeout=30s'])
  expect(await kubectl(['logs', 'built'])).toBe('built by docker as 1234\n')
}

const dockerfile = `FROM scratch
ADD base.tar /
RUN ["/bin/busybox", "sh", "-c", "echo by docker > /word; echo x > /gone"]
RUN ["/bin/busybox", "rm", "/gone"]
USER 1234
ENV WHAT=built
CMD ["/bin/busybox", "sh", "-c", "test ! -e /gone && echo $WHAT $(/bin/busybox cat /word) as $(/bin/busybox id -u)"]
`

const pods = `
apiVersion: v1
kind: Pod
metadata: { name: first, labels: { runs: "yes" } }
spec: { containers: [{ name: first, image: "registry.example/app:1" }] }
---
apiVersion: v1
kind: Pod
metadata: { name: second, labels: { runs: "yes" } }
spec:
  containers:
    - name: second
      image: registry.example/app:2
      imagePullPolicy: Never
      args: [given]
      workingDir: /tmp
      env: [{ name: COLOR, value: red }]
---
apiVersion: v1
kind: Pod
metadata: { name: saved, labels: { runs: "yes" } }
spec: { containers: [{ name: saved, image: shop/saved, imagePullPolicy: IfNotPresent }] }
---
apiVersion: v1
kind: Pod
metadata: { name: always }
spec: { containers: [{ name: always, image: "registry.example/app:1", imagePullPolicy: Always }] }
`

const start = `b() { /bin/busybox "$@"; }
echo user $(b id)
echo words "$@"
echo where $(pwd)
echo env $COLOR
echo files $(b ls /srv)
exec /bin/busybox sleep 1d
`

/** Two images in a layout, the second on top of the first, and a third in an archive that shares their lowest layer. */
function writeImages(home: Home, user: string): { layout: string; archive: string } {
  const layer = (files: Parameters<typeof layerOf>[0]) => layerOf(files, home.directory)
  const base = layer({
    'bin/busybox': { program: 'busybox' },
    tmp: { directory: true },
    'etc/passwd': 'root:x:0:0::/:\napp:x:1001:3000::/srv:\n',
    'etc/group': 'root:x:0:\ntools:x:3000:\nextra:x:4000:app\n',
    'srv/kept': '1',
    'srv/gone': '2',
  })
  const one = layer({ 'start.sh': start, 'srv/.wh.gone': '' })
  const two = layer({ 'srv/.wh..wh..opq': '', 'srv/added': '3', 'srv/only': '4' })
  const config = {
    config: {
      User: user,
      Env: ['COLOR=blue', 'PATH=/bin'],
      Entrypoint: ['/bin/busybox', 'sh', '/start.sh'],
      Cmd: ['from-image', 'two'],
      WorkingDir: '/srv',
    },
  }
  const layout = join(home.directory, 'layout')
  writeOciLayout(layout, [
    { name: 'registry.example/app:1', layers: [base, one], config },
    { name: 'registry.example/app:2', layers: [base, one, two], config },
  ])
  const archive = join(home.directory, 'saved.tar')
  const own = layer({ 'start.sh': start, 'srv/saved': '5' })
  writeDockerArchive(archive, { name: 'shop/saved:latest', layers: [base, own], config }, home.directory)
  return { layout, archive }
}

function layoutIn(folder: string, name: string | undefined, layer: Buffer): string {
  writeOciLayout(folder, [{ ...(name && { name }), layers: [layer], config: { config: {} } }])
  return folder
}

function damaged(layout: string): string {
  const folder = join(layout, 'blobs/sha256')
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    if (bytes[0] === 0x1f) writeFileSync(join(folder, name), gzipSync('something else'))
  }
  return layout
}

function evilLayer(): Buffer {
  return layerOf({ evil: 'x' }, home.directory, ['--absolute-names', '--transform=s,^evil,../evil,'])
}

async function up(home: Home, name: string): Promise<void> {
  const { code, stderr } = await home.ztlab(['cluster', 'up', '--name', name])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
}

async function load(home: Home, source: string, name = 'images'): Promise<Finished> {
  const finished = await home.ztlab(['cluster', 'load', source, '--name', name, '--verbose'])
  expect({ code: finished.code, stderr: finished.code === 0 ? '' : finished.stderr }).toEqual({
    code: 0,
    stderr: '',
  })
  return finished
}

function linesOf(text: string): string[] {
  return text.trim().split('\n')
}

function whyNoDocker(): string | null {
  const { status } = spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 })
  return status === 0 ? null : 'Docker does not answer here'
}
