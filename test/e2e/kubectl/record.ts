/**
 * `KUBECONFIG=… npm run record:kubectl`: types the session on a real cluster of one node, and keeps what it said as
 * what the embedded cluster is held to. `SECTIONS=pods,nodes` records these alone.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { type Answer, runSection } from './run-session.ts'
import { sections } from './session.ts'

const kubeconfig = await readFile(process.env.KUBECONFIG!, 'utf8')
const path = process.argv[2]!
const wanted = process.env.SECTIONS?.split(',')
const recorded: Record<string, Answer[]> = wanted ? JSON.parse(await readFile(path, 'utf8')) : {}
for (const [name, section] of Object.entries(sections)) {
  if (wanted && !wanted.includes(name)) continue
  recorded[name] = await runSection(section, {
    kubeconfig,
    namespace: `lab-${name}`,
    onAnswer: (step, raw) => {
      const { code = 0, says, complains } = step
      const isRight =
        raw.code === code && (says?.test(raw.stdout) ?? true) && (complains?.test(raw.stderr) ?? true)
      process.stderr.write(`${isRight ? 'ok  ' : 'ODD '} ${name}: ${step.run.split('\n')[0]}\n`)
      if (!isRight) process.stderr.write(`     code ${raw.code}\n${raw.stdout}${raw.stderr}\n`)
    },
  })
}
await writeFile(path, `${JSON.stringify(recorded, null, 1)}\n`)
