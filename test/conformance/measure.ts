import type { IpVersion } from '../../src/cidr.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import type { Cell } from '../../src/matrix/index.ts'
import { type ComparedCell, measureMatrix, parseExpectedTable } from '../../src/matrix/index.ts'
import type { World } from './backend.ts'

/**
 * Measures what a table asks and returns each cell that is not as the table says or as predicted, as
 * `from -> to port: expected …, predicted …, measured … (reason)`.
 */
export async function surprises(
  { kube, cluster }: World,
  matrix: string,
  ipVersion?: IpVersion,
): Promise<string[]> {
  const { cells, problems } = parseExpectedTable({ ports: ['TCP/80'], matrix }, [])
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  const { cells: compared } = await measureMatrix({
    kube,
    abilities: cluster.abilities,
    questions: cells,
    ...(ipVersion && { ipVersion }),
  })
  expect(compared).toHaveLength(cells.length)
  return compared.filter(({ ok }) => !ok).map(describeCell)
}

/** What was measured, and what was expected where no prediction is asked for. */
export async function verdicts(
  { kube, cluster }: World,
  matrix: string,
  more: { ephemeralImage?: string } = {},
): Promise<string[]> {
  const { cells } = parseExpectedTable({ ports: ['TCP/80'], matrix }, [])
  const { cells: compared } = await measureMatrix({
    kube,
    abilities: cluster.abilities,
    questions: cells,
    engine: null,
    ...more,
  })
  return compared.filter(({ expected, measured }) => expected !== measured).map(describeCell)
}

/** Has these objects in force while the body runs. */
export async function withObjects(
  { kube, cluster }: World,
  objects: KubernetesObject[],
  body: () => Promise<void>,
): Promise<void> {
  const settle = async () => cluster.settled(await revision(), { changed: objects })
  const revision = async () =>
    (JSON.parse(await kube.raw('/api/v1/namespaces?limit=1')) as { metadata: { resourceVersion: string } })
      .metadata.resourceVersion
  try {
    await kube.apply(objects)
    await settle()
    await body()
  } finally {
    await kube.delete(objects)
  }
  await settle()
}

function describeCell({ from, to, protocol, port, reason, ...cell }: ComparedCell & Partial<Cell>): string {
  return `${from} -> ${to} ${protocol}/${port}: expected ${cell.expected}, predicted ${cell.predicted}, measured ${cell.measured} (${reason})`
}
