// Mutants that no test notices, against those that survivors.yaml names with the reason.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

const list = join(import.meta.dirname, 'survivors.yaml')
const reasons = ['nothing-differs', 'time', 'message', 'test-missing']
const longestText = 60

/**
 * What is to be said of the survivors among some mutants: those without a name, in the form of survivors.yaml, and
 * names of mutants that are noticed by now. A mutant is known by its file, the text of its line and what becomes of
 * what, so that it keeps its name when lines move. `text` ends with how many are named for which reason.
 */
export function nameSurvivors(mutants) {
  const names = readNames()
  const survivors = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  const counts = Object.fromEntries(reasons.map((reason) => [reason, 0]))
  const unnamed = []
  for (const mutant of survivors) {
    const reason = names.get(keyOf(mutant))?.pop()
    if (reason) counts[reason]++
    else unnamed.push(mutant)
  }
  const tried = new Set(mutants.map(({ fileName }) => fileName))
  const noticed = [...names].flatMap(([key, left]) =>
    left.length > 0 && tried.has(key.split('\n')[0]) ? [key.split('\n').slice(0, 3).join('  ')] : [],
  )
  const parts = [
    ...(unnamed.length > 0
      ? [`Survivors that survivors.yaml does not name:\n${stringify(nested(unnamed), { lineWidth: 0 })}`]
      : []),
    ...(noticed.length > 0 ? [`Named in survivors.yaml and noticed, or gone:\n${noticed.join('\n')}\n`] : []),
    `Survivors named: ${Object.entries(counts)
      .map(([reason, count]) => `${reason} ${count}`)
      .join(', ')}; without a name: ${unnamed.length}\n`,
  ]
  return { text: parts.join('\n'), unnamed: unnamed.length }
}

/** The reasons of each mutant that is named: as many as there are such mutants. */
function readNames() {
  const names = new Map()
  for (const { reason, because, mutants } of parse(readFileSync(list, 'utf8'))) {
    if (!reasons.includes(reason) || !because) throw new Error(`survivors.yaml: ${reason}: ${because}`)
    for (const [file, lines] of Object.entries(mutants))
      for (const [line, changes] of Object.entries(lines))
        for (const change of changes) {
          const key = `${file}\n${line}\n${change}`
          names.set(key, [...(names.get(key) ?? []), reason])
        }
  }
  return names
}

/** File, then line, then what becomes of what. */
function nested(mutants) {
  const files = {}
  for (const mutant of mutants) {
    const [file, line, change] = keyOf(mutant).split('\n')
    files[file] ??= {}
    files[file][line] ??= []
    files[file][line].push(change)
  }
  return files
}

function keyOf({ fileName, source, location: { start, end }, replacement }) {
  const lines = source.split('\n')
  const span = lines.slice(start.line - 1, end.line)
  span[span.length - 1] = span.at(-1).slice(0, end.column - 1)
  span[0] = span[0].slice(start.column - 1)
  const line = lines[start.line - 1].trim()
  return `${fileName}\n${line}\n${shortened(span.join(' '))} → ${shortened(replacement)}`
}

/** On one line, its middle left out where it is long. */
function shortened(text) {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length <= longestText ? flat : `${flat.slice(0, 40)} … ${flat.slice(-15)}`
}
