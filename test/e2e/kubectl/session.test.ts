import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testWithKubectl } from '../../support/kubectl.ts'
import { homeForTests, root } from '../../support/ztlab.ts'
import { compare } from './compare.ts'
import { type KnownDifference, knownDifferences } from './known-differences.ts'
import { type Answer, runSection } from './run-session.ts'
import { sections } from './session.ts'

const home = homeForTests()
const fixture = join(root, 'test/fixtures/kubectl-session.json')

const title = 'what kubectl says on the embedded cluster is what it says on a real one'
// A minute or two where nothing else runs; kubectl takes its time on a busy machine.
testWithKubectl(title, compareSessions, 1_800_000)

test('every known difference stands in the page on the embedded cluster, with its reason', () => {
  const page = readFileSync(join(root, 'docs/backends/embedded.md'), 'utf8')
  expect(knownDifferences.filter(({ because }) => !page.includes(because))).toEqual([])
})

async function compareSessions(): Promise<void> {
  const recorded: Record<string, Answer[]> = JSON.parse(readFileSync(fixture, 'utf8'))
  expect((await home.ztlab(['cluster', 'up', '--name', 'session', '--nodes', '1'])).code).toBe(0)
  const kubeconfig = readFileSync(join(home.state, 'session/kubeconfig'), 'utf8')
  const wrong: object[] = []
  const used = new Set<KnownDifference>()
  for (const [name, steps] of Object.entries(sections)) {
    const here = await runSection(steps, {
      kubeconfig,
      namespace: `lab-${name}`,
      onAnswer: ({ run, code = 0, says = /^/, complains = /^/ }, raw) => {
        const isRight = raw.code === code && says.test(raw.stdout) && complains.test(raw.stderr)
        if (!isRight) wrong.push({ ...raw, run, expected: { code, says, complains } })
      },
    })
    expect(recorded[name]!.map(({ run }) => run)).toEqual(steps.map(({ run }) => run))
    wrong.push(...compare(steps, { recorded: recorded[name]!, here }, used))
  }
  expect(wrong).toEqual([])
  expect(knownDifferences.filter((each) => !used.has(each))).toEqual([])
  expect((await home.ztlab(['cluster', 'down', '--name', 'session'])).code).toBe(0)
}
