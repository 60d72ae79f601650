/**
 * `make fuzz`: random policy sets on an embedded cluster, predicted against measured. `SETS` (500), `SEED` (a fresh
 * one, printed). Exit code 1 where they disagree.
 */
import { fuzz } from './fuzz.ts'

const sets = Number(process.env.SETS ?? 500)
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)

say(`fuzzing ${sets} policy sets, SEED=${seed}`)
const result = await fuzz({ seed, sets, report: say, progress })
const perSet = Math.round(result.durationMs / result.sets)
say(
  `${result.sets} sets, ${result.allowed} allowed and ${result.denied} denied cells, ${result.mismatches.length} sets with a mismatch, ${perSet} ms per set`,
)
process.exitCode = result.mismatches.length > 0 ? 1 : 0

/** Long runs say where they are. */
function progress(done: number): void {
  if (done % 25 === 0 && done < sets) process.stderr.write(`${done} sets\n`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
