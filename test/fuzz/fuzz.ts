import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { admit } from '../../src/policy/index.ts'
import { projectRoot } from '../../src/project-root.ts'
import { Random } from '../support/random-policies/random.ts'
import { FuzzCluster } from './fuzz-cluster.ts'
import {
  type Extent,
  modelOf,
  type PolicySet,
  predict,
  type Question,
  randomQuestions,
  randomSet,
} from './policy-set.ts'
import type { Outcome } from './probes.ts'

import { isPolicyOrSet } from './relocate.ts'
import { shrink } from './shrink.ts'

export interface FuzzOptions {
  /** Also names the cluster. */
  seed: number
  sets: number
  report?: (line: string) => void
  /** Told after each set, with how many there were. */
  progress?: (sets: number) => void
}

export interface FuzzResult {
  sets: number
  allowed: number
  denied: number
  /** One per set that disagrees: what was asked and where the smallest such set was written. */
  mismatches: string[]
  durationMs: number
}

/** A listener next door answers within a millisecond; one that got no turn on a busy machine gets another chance. */
const firstTimeoutMs = 150
const confirmTimeoutMs = 5000

/**
 * Random policy sets around the pods of one embedded cluster: what the engine predicts is compared with what packets
 * do. A surprise counts only if a second, patient probe says the same.
 */
export async function fuzz({ seed, sets, report, progress }: FuzzOptions): Promise<FuzzResult> {
  const random = new Random(seed)
  const cluster = await FuzzCluster.start(`fuzz-${seed}-${process.pid}`, random)
  try {
    const fuzzing = new Fuzzing(cluster, random, seed)
    while (fuzzing.result.sets < sets) {
      const found = await fuzzing.next()
      if (found) report?.(found)
      progress?.(fuzzing.result.sets)
    }
    return fuzzing.result
  } finally {
    await cluster.close()
  }
}

/** One set after the other on a cluster. */
export class Fuzzing {
  readonly result: FuzzResult = { sets: 0, allowed: 0, denied: 0, mismatches: [], durationMs: 0 }
  private current: PolicySet = { objects: [], podLabels: new Map() }

  constructor(
    private readonly cluster: FuzzCluster,
    private readonly random: Random,
    private readonly seed: number,
    private readonly extent?: Extent,
  ) {}

  /** Puts the next set that is wanted there. Returns its mismatch, or null where packets do what was predicted. */
  async next(wanted: (set: PolicySet) => boolean = () => true): Promise<string | null> {
    const { cluster, random, seed, result, extent } = this
    const started = performance.now()
    let set = randomSet(random, cluster)
    while (!wanted(set)) set = randomSet(random, cluster)
    const before = this.current
    // Also of a set that could not be put there as a whole something may be there.
    this.current = { ...set, objects: [...before.objects, ...set.objects] }
    await replace(cluster, before, set)
    this.current = set
    const questions = randomQuestions(random, cluster, { set, ...(extent && { extent }) })
    const surprises = await surprisesOf(cluster, set, questions, result)
    const index = result.sets++
    if (surprises.length > 0) {
      const file = await writeSmallest(cluster, set, { surprise: surprises[0]!, seed, index })
      this.current = { ...set, objects: file.objects }
      result.mismatches.push(`set ${index} of seed ${seed}: ${surprises.length} mismatches, ${file.text}`)
    }
    result.durationMs += performance.now() - started
    return surprises.length > 0 ? result.mismatches.at(-1)! : null
  }

  /** Takes away all that was put there, its pods too. */
  leave(): Promise<void> {
    return this.cluster.leave(this.current.objects)
  }
}

interface Surprise {
  question: Question
  measured: Outcome
  predicted: { verdict: string; reason: string }
}

async function surprisesOf(
  cluster: FuzzCluster,
  set: PolicySet,
  questions: Question[],
  count: Pick<FuzzResult, 'allowed' | 'denied'>,
): Promise<Surprise[]> {
  const model = modelOf(cluster, set)
  const asked = questions.map((question) => ({ question, predicted: predict(model, question) }))
  const doubtful = await compare(cluster, asked, firstTimeoutMs)
  for (const { predicted } of asked) count[predicted.verdict]++
  return doubtful.length === 0 ? [] : compare(cluster, doubtful, confirmTimeoutMs)
}

async function compare<Asked extends { question: Question; predicted: { verdict: string; reason: string } }>(
  cluster: FuzzCluster,
  asked: Asked[],
  timeoutMs: number,
): Promise<Surprise[]> {
  const outcomes = await cluster.measure(
    asked.map(({ question }) => question.probe),
    timeoutMs,
  )
  return asked
    .map((one, index) => ({ ...one, measured: outcomes[index]! }))
    .filter(({ predicted, measured }) => predicted.verdict !== measured.verdict)
}

async function replace(cluster: FuzzCluster, before: PolicySet, next: PolicySet): Promise<void> {
  await cluster.relabel(next.podLabels)
  await cluster.put(before.objects, next.objects)
}

/** Only what policies say is made smaller; what the cluster is stays. */
async function writeSmallest(
  cluster: FuzzCluster,
  set: PolicySet,
  { surprise, seed, index }: { surprise: Surprise; seed: number; index: number },
): Promise<{ text: string; objects: PolicySet['objects'] }> {
  const kept = set.objects.filter((object) => !isPolicyOrSet(object))
  let applied = set.objects
  const fails = async (smaller: PolicySet['objects']): Promise<boolean> => {
    if (smaller.some((object) => admit(object).problems.length > 0)) return false
    if (smaller.some(({ spec }) => spec?.tier && !tierExists(smaller, spec.tier))) return false
    const objects = [...kept, ...smaller]
    await cluster.put(applied, objects)
    applied = objects
    const found = await surprisesOf(cluster, { ...set, objects }, [surprise.question], {
      allowed: 0,
      denied: 0,
    })
    return found.length > 0
  }
  const { question, predicted, measured } = surprise
  const { source, destination, protocol, port, viaService } = question.flow
  const { address } = question.probe
  const what = `${source} -> ${destination} ${protocol}/${port}${viaService ? ' through a Service' : ''} at ${address}`
  const said = `predicted ${predicted.verdict} (${predicted.reason}), measured ${measured.verdict} (${measured.text})`
  const directory = join(projectRoot(), 'test/actual')
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `fuzz-${seed}-${index}.yaml`)
  const write = (policies: PolicySet['objects']) => {
    const objects = [...cluster.pods.map(asWritten), ...kept, ...policies]
    const documents = objects.map((object) => `---\n${stringify(object)}`).join('')
    writeFileSync(path, `# ${what}\n# ${said}\n${documents}`)
  }
  const policies = set.objects.filter(isPolicyOrSet)
  // Making it smaller takes long on a real cluster: whoever gives it up has the whole set.
  write(policies)
  const smallest = await shrink(policies, fails)
  write(smallest)
  return {
    text: `${what}: ${said}; smallest: ${smallest.map((one) => JSON.stringify(one)).join(' ')} in ${path}`,
    objects: applied,
  }
}

function tierExists(objects: PolicySet['objects'], tier: string): boolean {
  const builtIn = ['default', 'Admin', 'Baseline']
  return (
    builtIn.includes(tier) || objects.some(({ kind, metadata }) => kind === 'Tier' && metadata.name === tier)
  )
}

/** A pod as it could be applied elsewhere, with the address and node it has here. */
function asWritten({ apiVersion, kind, metadata, spec, status }: PolicySet['objects'][number]) {
  const { name, namespace, labels } = metadata
  const { nodeName, serviceAccountName, hostNetwork, containers } = spec
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels },
    spec: { nodeName, serviceAccountName, hostNetwork, containers },
    status: { podIP: status.podIP, podIPs: status.podIPs, phase: 'Running' },
  }
}
