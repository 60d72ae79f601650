import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canaryScript } from '../../../../src/cluster/canary/objects.ts'
import { run } from '../../../../src/exec.ts'

const folder = mkdtempSync(join(tmpdir(), 'ztlab-canary-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As agnhost does: what becomes of a connection is told by the target's name. */
const agnhost = join(folder, 'agnhost')
const log = join(folder, 'log')
writeFileSync(
  agnhost,
  `#!/bin/sh
echo "$2" >>${log}
case $2 in open:*) exit 0 ;; silent:*) exit 1 ;; late:*) sleep 0.7; exit 1 ;; *) echo REFUSED >&2; exit 1 ;; esac
`,
)
chmodSync(agnhost, 0o755)

test.each(['sh', 'bash'])(
  'every target is tried until it shows its own verdict, in one go: %s',
  async (shell) => {
    const right = ['allow', 'open:1', 'deny', 'silent:1', 'arrive', 'refused:1', 'arrive', 'open:2']
    expect(await look(shell, right, 30)).toEqual([])
    const wrong = ['deny', 'open:3', 'allow', 'refused:2', 'arrive', 'silent:2']
    expect(await look(shell, wrong, 1)).toEqual(['open:3', 'refused:2', 'silent:2'])
  },
)

test('silence that comes late is taken for a denial no sooner than the third time', async () => {
  writeFileSync(log, '')
  expect(await look('sh', ['deny', 'late:1'], 30)).toEqual([])
  expect(readFileSync(log, 'utf8')).toBe('late:1\nlate:1\nlate:1\n')
})

async function look(shell: string, sights: string[], seconds: number): Promise<string[]> {
  const script = canaryScript.replaceAll('/agnhost', agnhost)
  const { stdout } = await run([shell, '-c', script, 'canary', String(seconds), ...sights])
  return stdout.split('\n').filter(Boolean)
}
