import { z } from 'zod'
import { LabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'
import { edgeKey, type Port, parseExpectedTable, parsePort, type Question } from '../../matrix/index.ts'
import { readTextFile } from '../../text-file.ts'
import { parseYamlSource, type YamlPath } from '../../yaml-source.ts'
import type { OptionValues } from '../options.ts'
import { selectedPods } from './pod-selector.ts'

/** What `matrix` asks: the table of a file, or every pair of sources and targets with every port. */
export async function questionsFrom(options: OptionValues, kube: KubeClient): Promise<Question[]> {
  if (options.file !== undefined) return readTable(options.file)
  const ports = (options.port ?? ['TCP/80']).map(demandPort)
  const pods = options.from && options.to ? [] : await runningPods(kube)
  const [sources, targets] = await Promise.all(
    [options.from ?? pods, options.to ?? pods].map((texts) => selectedPods(kube, texts)),
  )
  const questions = sources!.flatMap((from) =>
    targets!
      .filter((to) => to !== from)
      .flatMap((to) => (to.startsWith('dns:') ? [nameLookup] : ports).map((port) => ask(from, to, port))),
  )
  if (questions.length > 0)
    return [...new Map(questions.map((question) => [edgeKey(question), question])).values()]
  throw new LabError({
    code: 'bad-input',
    message: 'there is nothing to ask',
    cause: 'no pods are running outside the system namespaces, and no --from and --to were given',
    hint: 'ztlab matrix --from shop/web --to shop/db --port TCP/5432',
  })
}

/** Milliseconds out of `--timeout`. */
export function probeTimeoutMs(text: string): number {
  if (/^[1-9]\d{1,4}$/.test(text)) return Number(text)
  throw new LabError({
    code: 'bad-input',
    message: `--timeout takes milliseconds from 10 to 99999, not ${JSON.stringify(text)}`,
    hint: '--timeout 1000',
  })
}

const fileSchema = z.strictObject({
  ports: z.array(z.string()).min(1),
  matrix: z.string(),
  others: z.string().optional(),
  /** The pods that `others` speaks of. */
  pods: z.array(z.string()).default([]),
})

const nameLookup: Port = { protocol: 'UDP', port: 53 }

function ask(from: string, to: string, port: Port): Question {
  return { from, to, ...port, expectation: null }
}

function demandPort(text: string): Port {
  const port = parsePort(text)
  if (port) return port
  throw new LabError({
    code: 'bad-input',
    message: `${JSON.stringify(text)} is no port`,
    hint: '--port TCP/80',
  })
}

async function runningPods(kube: KubeClient): Promise<string[]> {
  const pods = await kube.list('v1', 'Pod')
  return pods
    .filter(({ metadata, status, spec }) => {
      const system = /^(kube-|ztlab-|local-path-storage$|calico-)/.test(metadata.namespace ?? '')
      // A pod whose containers crash is in phase Running, too, and nobody there could ask.
      const runs = status?.containerStatuses?.some(
        ({ state }: { state?: { running?: object } }) => state?.running,
      )
      return status?.phase === 'Running' && runs && !spec.hostNetwork && !system
    })
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .sort()
}

function readTable(file: string): Question[] {
  const source = parseYamlSource(file, readTextFile(file))
  if (source.syntaxProblems.length > 0) throw badFile(file, source.syntaxProblems)
  const parsed = fileSchema.safeParse(source.data)
  if (!parsed.success) {
    throw badFile(
      file,
      parsed.error.issues.map(({ path, message }) =>
        source.locate({ path: path as YamlPath, problem: message, fix: 'see docs/labs.md' }),
      ),
    )
  }
  const { cells, problems } = parseExpectedTable(parsed.data, parsed.data.pods)
  if (problems.length === 0) return cells
  throw badFile(
    file,
    problems.map(({ key, ...rest }) => source.locate({ path: [key], ...rest })),
  )
}

function badFile(file: string, problems: string[]): LabError {
  return new LabError({
    code: 'bad-input',
    message: `${file} is not right`,
    problems,
    hint: 'see docs/labs.md',
  })
}
