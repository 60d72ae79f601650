import { LabError } from '../../../src/errors.ts'
import type { ExecOutcome, ExecRequest, KubeClient } from '../../../src/kube/index.ts'
import { type Cell, viewOf } from '../../../src/matrix/index.ts'
import { measureRounds } from '../../../src/matrix/rounds.ts'
import { fakeKube, pod, sampleObjects } from './sample-cluster.ts'

const noShell = () => {
  throw new LabError({
    code: 'command-failed',
    message: 'the command could not be run in shop/client',
    cause: 'OCI runtime exec failed: exec: "sh": executable file not found in $PATH',
  })
}

test('a pod without a shell is unsupported, never denied, and says what would help', async () => {
  const { verdict, reason } = await ask({ exec: noShell })
  expect(verdict).toBe('unsupported')
  expect(reason).toContain('no container of shop/client can probe (main: it has no shell)')
  expect(reason).toContain('--ephemeral')
})

test('an image with a shell and no prober is unsupported', async () => {
  const { verdict, reason } = await ask({
    exec: () => ({ code: 97, stdout: '', stderr: 'this image has neither agnhost nor nc\n' }),
  })
  expect(verdict).toBe('unsupported')
  expect(reason).toContain('main: this image has neither agnhost nor nc')
})

test('another container of the pod probes in its place: they share one network namespace', async () => {
  const objects = structuredClone(sampleObjects)
  objects
    .find(({ metadata, kind }) => kind === 'Pod' && metadata.name === 'client')!
    .spec.containers.push({ name: 'sidecar', image: 'debian' })
  const { verdict } = await ask({
    objects,
    exec: (request, answer) => (request.container === 'main' ? noShell() : answer()),
  })
  expect(verdict).toBe('allowed')
})

test('where it may, an ephemeral container probes', async () => {
  const added: unknown[] = []
  const { verdict } = await ask({
    ephemeralImage: 'agnhost',
    exec: (request, answer) => (request.container === 'main' ? noShell() : answer()),
    addEphemeralContainer: async (request) => {
      added.push(request)
      return 'ztlab-probe-1'
    },
  })
  expect(verdict).toBe('allowed')
  expect(added).toMatchObject([{ namespace: 'shop', pod: 'client', image: 'agnhost' }])
})

test('an ephemeral container that is refused leaves the pod unsupported, with why', async () => {
  const { verdict, reason } = await ask({
    ephemeralImage: 'agnhost',
    exec: noShell,
    addEphemeralContainer: async () => {
      throw new LabError({
        code: 'missing-permission',
        message: 'the API server does not permit this: ephemeral container in shop/client',
        problems: ['violates PodSecurity "restricted:latest"'],
      })
    },
  })
  expect(verdict).toBe('unsupported')
  expect(reason).toContain('violates PodSecurity')
})

test('a source that goes away during the run is not-run, with what became of it', async () => {
  const { verdict, reason } = await ask({ exec: broken, get: async () => null })
  expect([verdict, reason]).toEqual(['not-run', 'pod shop/client was deleted meanwhile'])
})

test('an exec that breaks off while its pod is still there is an error', async () => {
  const { verdict, reason } = await ask({ exec: broken })
  expect(verdict).toBe('error')
  expect(reason).toContain('the connection to shop/client was lost')
})

test('a pod that was replaced between two rounds is asked anew, and is no flapping', async () => {
  const workload = { app: 'worker' }
  const before = [...sampleObjects, pod('shop/worker-1', { ip: '192.168.0.5', labels: workload })]
  const after = [...sampleObjects, pod('shop/worker-2', { ip: '192.168.0.6', labels: workload })]
  const kube = fakeKube(before, (source) => (source === 'shop/worker-1' ? 'TIMEOUT' : 'OK'))
  const { cells } = await measureRounds({
    kube,
    view: viewOf(before),
    refresh: async () => viewOf(after),
    edges: [{ from: 'shop/worker', to: 'shop/web', protocol: 'TCP', port: 80 }],
    timeoutMs: 300,
    protocols: ['TCP'],
    surprises: ({ verdict }) => verdict !== 'allowed',
  })
  expect(cells[0]).toMatchObject({ verdict: 'allowed', reason: expect.stringContaining('pods changed') })
})

function broken(): never {
  throw new LabError({ code: 'cluster-unreachable', message: 'the connection to shop/client was lost' })
}

interface Fake extends Partial<Pick<KubeClient, 'get' | 'addEphemeralContainer'>> {
  exec: (request: ExecRequest, answer: () => Promise<ExecOutcome>) => ExecOutcome | Promise<ExecOutcome>
  objects?: typeof sampleObjects
  ephemeralImage?: string
}

/** Asks shop/client -> shop/web, where only the client's exec is other than usual. */
async function ask({ exec, objects = sampleObjects, ephemeralImage, ...methods }: Fake): Promise<Cell> {
  const usual = fakeKube(objects, () => 'OK')
  const kube = {
    ...usual,
    ...methods,
    exec: async (request: ExecRequest) =>
      request.pod === 'client' ? exec(request, () => usual.exec(request)) : usual.exec(request),
  } as KubeClient
  const { cells } = await measureRounds({
    kube,
    view: viewOf(objects),
    edges: [{ from: 'shop/client', to: 'shop/web', protocol: 'TCP', port: 80 }],
    timeoutMs: 300,
    protocols: ['TCP'],
    surprises: () => false,
    ephemeralImage,
  })
  return cells[0]!
}
