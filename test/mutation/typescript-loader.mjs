// Lets Node import TypeScript as jest does, in the process of mocha: `node --import` runs this file.
import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import transform from '../esbuild-transform.mjs'

if (isMainThread) register(import.meta.url)

/** Stryker counts what each test reaches; that is wanted of the first run alone and slows the run of every mutant. */
const counting = ['function cover() {', 'function cover() {\n    if (ns.activeMutant !== undefined) return;']

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const { code } = transform.process(await readFile(path, 'utf8'), path)
  return { format: 'module', source: code.replace(...counting), shortCircuit: true }
}
