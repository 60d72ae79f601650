import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabRun } from '../../src/report/index.ts'
import { fixtureLabs, homeForTests, testOnCluster } from '../support/ztlab.ts'

const home = homeForTests()

/** What each row of the lab measures, whatever its author expects. */
const measured = {
  'verdicts/client': ['allowed', 'refused', 'dns-failure', 'unproven'],
  'verdicts/noshell': ['unsupported', 'unsupported', 'unsupported', 'unsupported'],
  'verdicts/broken': ['error', 'error', 'error', 'error'],
  'verdicts/ended': ['not-run', 'not-run', 'not-run', 'not-run'],
}

const why: Record<string, RegExp> = {
  'verdicts/noshell': /no container .* can probe .*it has no shell/,
  'verdicts/broken': /exit code 1: exec .*too many levels of symbolic links/,
  'verdicts/ended': /not running but Succeeded/,
}

testOnCluster(
  'a dead listener, a wrong name, a silent address and a broken exec have verdicts of their own',
  async () => {
    const { code, run } = await runLab(join(fixtureLabs, 'verdicts'))
    expect(measuredBySource(run)).toEqual(measured)
    expect(run.steps.map(({ name, ok }) => [name, ok])).toEqual([
      ['no-denial', true],
      ['no-answer', false],
    ])
    expect(code).toBe(1)
    for (const { from, reason } of run.steps[1]!.cells) expect(reason).toMatch(why[from]!)
  },
)

testOnCluster('none of them passes as a denial', async () => {
  const folder = join(home.directory, 'verdicts')
  cpSync(join(fixtureLabs, 'verdicts'), folder, { recursive: true })
  const file = join(folder, 'lab.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace(/\| (allow|refused|dns-failure|unproven)\b/g, '| deny'))
  const { code, run } = await runLab(folder)
  expect(code).toBe(1)
  expect(measuredBySource(run)).toEqual(measured)
  const cells = run.steps.flatMap((step) => step.cells)
  expect(cells).toHaveLength(16)
  for (const cell of cells) expect(cell).toMatchObject({ expected: 'deny', ok: false })
})

async function runLab(folder: string): Promise<{ code: number | null; run: LabRun }> {
  const { code, stdout, stderr } = await home.ztlab(['lab', 'run', folder, '--output', 'json'])
  expect(stderr).not.toContain('ERROR')
  return { code, run: JSON.parse(stdout) }
}

function measuredBySource({ steps }: LabRun): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { from, measured } of steps.flatMap(({ cells }) => cells)) {
    found[from] ??= []
    found[from].push(measured)
  }
  return found
}
