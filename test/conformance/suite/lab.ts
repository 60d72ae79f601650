import { join } from 'node:path'
import { type LabEvent, loadLab, runLab } from '../../../src/lab/index.ts'
import { projectRoot } from '../../../src/project-root.ts'
import type { StepRun } from '../../../src/report/index.ts'
import { expectGolden } from '../../support/golden.ts'
import { type Part, testPolicies, type World } from '../backend.ts'

export const lab: Part = (world, backend) => {
  testPolicies(
    backend,
    'calico-basics gives the same matrices on every backend, and leaves nothing',
    async () => {
      const before = await objectsOf(world())
      const steps = await runBasics(world())
      expect(steps.flatMap(wrongCells)).toEqual([])
      expectGolden('conformance/calico-basics.txt', steps.map(cellLines).join('\n'))
      expect(await objectsOf(world())).toEqual(before)
    },
  )

  if (backend.whyNoPolicies === null) return
  test('where nothing enforces policies the lab ends with that word, after its baseline', async () => {
    const steps: StepRun[] = []
    await expect(runBasics(world(), steps)).rejects.toMatchObject({ code: 'enforces-nothing', exitCode: 3 })
    // Where its policies cannot even be written it ends before it begins.
    const takesPolicies = world().cluster.abilities.policyApis.includes('projectcalico.org/v3')
    expect(steps.map(({ name, ok }) => [name, ok])).toEqual(takesPolicies ? [['baseline', true]] : [])
    const namespaces = await world().kube.list('v1', 'Namespace')
    expect(namespaces.map(({ metadata }) => metadata.name)).not.toContain('zero-trust-lab')
  })
}

async function runBasics({ cluster, kube }: World, seen: StepRun[] = []): Promise<StepRun[]> {
  const onEvent = (event: LabEvent) => {
    if (event.type === 'step-ended') seen.push(event.step)
  }
  const lab = loadLab(join(projectRoot(), 'labs/calico-basics'))
  return (await runLab({ lab, cluster, kube, onEvent })).steps
}

function wrongCells({ name, cells }: StepRun): string[] {
  return cells.filter(({ ok }) => !ok).map((cell) => `${name}: ${JSON.stringify(cell)}`)
}

/** What a report says of each edge, without the time it took. */
function cellLines({ name, cells }: StepRun): string {
  const lines = cells.map(({ from, to, protocol, port, expected, predicted, measured }) =>
    [
      from,
      '->',
      to,
      `${protocol}/${port}`,
      `expected=${expected}`,
      `predicted=${predicted}`,
      `measured=${measured}`,
    ].join(' '),
  )
  return [`# ${name}`, ...lines, ''].join('\n')
}

/** Names of all that a lab may make, apart from the canary's. */
async function objectsOf({ kube }: World): Promise<string[]> {
  const kinds = [
    ['v1', 'Namespace'],
    ['v1', 'Pod'],
    ['v1', 'Service'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['projectcalico.org/v3', 'NetworkPolicy'],
    ['projectcalico.org/v3', 'GlobalNetworkPolicy'],
  ] as const
  const lists = await Promise.all(kinds.map(([apiVersion, kind]) => kube.list(apiVersion, kind)))
  return lists
    .flat()
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    .filter((name) => !name.includes('ztlab-canary'))
    .sort()
}
