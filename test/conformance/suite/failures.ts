import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { run } from '../../../src/exec.ts'
import { connectKube, type ExecRequest, type KubeClient } from '../../../src/kube/index.ts'
import { type ComparedCell, measureMatrix, parseExpectedTable } from '../../../src/matrix/index.ts'
import { eventually } from '../../support/eventually.ts'
import type { Part, World } from '../backend.ts'

/** Some of it is answered at once, some waits for its timeout: nobody beside the nodes has that address. */
const table = (nobody: string) => `
  from        | shop/web | shop/db | ops/monitor | ${nobody}
  shop/client | allow    | allow   | allow       | deny
  shop/web    | allow    | allow   | allow       | deny
  ops/monitor | allow    | allow   | allow       | deny`

/** What real nodes do when they fail, tried on containers that are nodes. */
export const failures: Part = (world) => {
  test('an API server that is killed in the middle of a matrix: errors, no denial, and it works again', async () => {
    const { kube, nodes } = world()
    const killed = onFirstExec(kube, async () => {
      await run(['docker', 'exec', nodes[0]!.name, 'pkill', '-KILL', '-x', 'kube-apiserver'])
    })
    const cells = await measured({ ...world(), kube: killed })
    expect(withVerdict(cells, 'error').length).toBeGreaterThan(0)
    expect(denials(cells)).toEqual([])
    await eventually(() => kube.raw('/readyz', { timeoutMs: 5000 }), 120_000)
    await eventually(async () => expect(denials(await measured(world()))).toEqual([]), 60_000)
  }, 300_000)

  test('a node that stops in the middle of a matrix: errors that name their deadline, and no denial', async () => {
    const { kube, nodes } = world()
    const node = nodes.at(-1)!.name
    const paused = onFirstExec(kube, async () => {
      await run(['docker', 'pause', node])
    })
    try {
      // With the only node its API server has stopped, too.
      const cells = await measured({ ...world(), kube: paused })
      expect(denials(cells)).toEqual([])
      const errors = withVerdict(cells, 'error')
      expect(errors.map(({ reason }) => reason).join('\n')).toMatch(/within \d+ ms/)
    } finally {
      await run(['docker', 'unpause', node], { allowFailure: true })
    }
    await eventually(async () => expect(denials(await measured(world()))).toEqual([]), 60_000)
  }, 300_000)

  test('a prober that is killed is an error of its cells alone', async () => {
    const { kube } = world()
    const killing = kube.exec({
      namespace: 'shop',
      pod: 'client',
      command: ['sh', '-c', killOneProber],
      timeoutMs: 60_000,
    })
    const cells = await measured(world())
    expect((await killing).code).toBe(0)
    expect(denials(cells)).toEqual([])
    const ofClient = cells.filter(({ from, to }) => from === 'shop/client' && to.includes('/'))
    // They are asked a second time, which succeeds.
    expect(ofClient.map(({ measured }) => measured)).toEqual(ofClient.map(() => 'flapping'))
    expect(ofClient[0]!.reason).toMatch(/first error \(the prober ended with exit code 137/)
  }, 200_000)

  test('a token that is not valid, or not any more: exit code 3, with the cause', async () => {
    const config = parse(world().cluster.kubeconfig) as { users: { user: object }[] }
    for (const entry of config.users) entry.user = { token: 'expired' }
    const kube = await connectKube(stringify(config))
    await expect(measured({ ...world(), kube })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('does not accept these credentials'),
      cause: expect.stringContaining('expired'),
    })
    kube.close()
  })
}

/** Waits for a prober in its pod and kills it with all its processes; of this text none is taken for one. */
const killOneProber = `
end=$(( $(date +%s) + 45 ))
while [ "$(date +%s)" -lt "$end" ]; do
  for each in /proc/[0-9]*; do
    grep -q 'exec "$agnhost" [p]robe' $each/cmdline 2>/dev/null && kill -9 "\${each#/proc/}" && killed=1
  done
  [ -z "$killed" ] || exit 0
done
exit 1`

/** A client by which something happens shortly after the first of its execs has begun. */
function onFirstExec(kube: KubeClient, happens: () => Promise<void>): KubeClient {
  let once: Promise<void> | undefined
  return {
    ...kube,
    exec: async (request: ExecRequest) => {
      const outcome = kube.exec(request)
      outcome.catch(() => undefined)
      once ??= sleep(300).then(happens)
      await once
      return outcome
    },
  }
}

async function measured({ kube, cluster, nodes }: World): Promise<ComparedCell[]> {
  const matrix = table(nodes[0]!.address.replace(/\.\d+\.\d+$/, '.200.200'))
  const { cells: questions } = parseExpectedTable({ ports: ['TCP/80'], matrix }, [])
  // Long enough for something to happen meanwhile.
  const request = { kube, abilities: cluster.abilities, questions, timeoutMs: 2000, engine: null }
  return (await measureMatrix(request)).cells
}

function withVerdict(cells: ComparedCell[], verdict: string): ComparedCell[] {
  return cells.filter(({ measured }) => measured === verdict)
}

/** Cells between pods that are told to be denied, which none is. */
function denials(cells: ComparedCell[]): string[] {
  return cells
    .filter(
      ({ to, measured }) =>
        to.includes('/') && !['allowed', 'error', 'unproven', 'flapping'].includes(measured),
    )
    .map(({ from, to, measured, reason }) => `${from} -> ${to}: ${measured} (${reason})`)
}
