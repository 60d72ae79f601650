import { z } from 'zod'
import { didYouMean } from '../policy/index.ts'
import type { SourceProblem, YamlPath } from '../yaml-source.ts'

/**
 * The file `lab.yaml` as people write it. Every object is closed: a key that is not listed here is an error.
 * docs/labs.md describes each field.
 */
const id = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens')
const podRef = z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'must be namespace/pod')
const port = z.string().regex(/^(TCP|UDP|SCTP|ICMP)\/\d+$/, 'must be PROTOCOL/PORT, e.g. TCP/80')
const text = z.string().min(1)
const values = z.record(z.string(), z.unknown())

const objectRef = z.strictObject({
  apiVersion: text,
  kind: text,
  name: text,
  namespace: text.optional(),
})
const applyAction = z.union([
  z.strictObject({ template: text, values: values.default({}) }),
  z.strictObject({ file: text }),
  z.strictObject({ manifest: z.union([text, z.looseObject({ apiVersion: text, kind: text })]) }),
])
const deleteAction = z.union([z.strictObject({ step: id }), objectRef])

const runAction = z.strictObject({
  pod: podRef,
  container: text.optional(),
  command: z.array(z.string()).min(1),
  /** Exit code that is expected; any is fine when left out. */
  code: z.number().int().min(0).max(255).optional(),
  /** A regular expression that the output (stdout, then stderr) must match. */
  output: text.optional(),
  timeoutMs: z.number().int().min(100).max(60_000).default(10_000),
})

const expectAction = z.strictObject({
  ports: z.array(port).min(1),
  matrix: text,
  others: text.optional(),
})

const step = z.strictObject({
  name: id,
  title: text.optional(),
  teach: text.optional(),
  look: text.optional(),
  mistake: z.boolean().default(false),
  apply: z.array(applyAction).default([]),
  delete: z.array(deleteAction).default([]),
  run: z.array(runAction).default([]),
  expect: expectAction.optional(),
  explain: z.array(z.strictObject({ from: text, to: text, port: port.optional() })).default([]),
  inspect: z.array(z.strictObject({ pod: podRef })).default([]),
  hints: z.array(text).default([]),
})

export const labFileSchema = z.strictObject({
  apiVersion: z.literal('ztlab.dev/v1'),
  kind: z.literal('ClusterLab'),
  metadata: z.strictObject({
    name: id,
    title: text,
    level: z.enum(['beginner', 'intermediate', 'advanced']),
    minutes: z.number().int().min(1).max(240),
    seeds: z.array(text).default([]),
  }),
  spec: z.strictObject({
    intro: text.optional(),
    cluster: z
      .strictObject({
        nodes: z.number().int().min(1).max(9).default(2),
        requires: z.array(text).default([]),
      })
      .prefault({}),
    manifests: z.array(text).default([]),
    probeTimeoutMs: z.number().int().min(50).max(30_000).optional(),
    steps: z.array(step).min(1),
  }),
})

export type LabFile = z.infer<typeof labFileSchema>
export type StepFile = LabFile['spec']['steps'][number]
export type ApplyFile = StepFile['apply'][number]
export type DeleteFile = StepFile['delete'][number]

/** Checks data against the schema; gives the file with its defaults, or every problem. */
export function checkLabFile(data: unknown): { file: LabFile | null; problems: SourceProblem[] } {
  const result = labFileSchema.safeParse(data)
  if (result.success) return { file: result.data, problems: [] }
  return { file: null, problems: result.error.issues.flatMap((issue) => problemsOf(issue, data)) }
}

function problemsOf(issue: z.core.$ZodIssue, data: unknown, above: YamlPath = []): SourceProblem[] {
  const path = [...above, ...(issue.path as YamlPath)]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      problem: 'unknown key',
      fix: didYouMean(key, knownKeys(key)) ?? 'remove it, or see docs/labs.md for the keys',
      atKey: true,
    }))
  }
  if (issue.code === 'invalid_union') return unionProblems(issue, data, path)
  if (issue.code === 'invalid_type' && valueAt(data, path) === undefined) {
    return [{ path, problem: 'is missing', fix: `give it a value: ${issue.expected}` }]
  }
  if (issue.code === 'invalid_value') {
    return [{ path, problem: `must be ${issue.values.join(' or ')}`, fix: 'use one of these' }]
  }
  return [{ path, problem: issue.message.replace(/^Invalid input: /, ''), fix: 'see docs/labs.md' }]
}

/** Every key of the file but this one, which stands where it has no place. */
function knownKeys(unknown: string): string[] {
  const keys: string[] = []
  JSON.stringify(z.toJSONSchema(labFileSchema, { io: 'input' }), (name, value) => {
    if (name === 'properties') keys.push(...Object.keys(value))
    return value
  })
  return keys.filter((key) => key !== unknown)
}

/**
 * Of the alternatives, the author meant the one whose type and keys fit best: what is wrong right here counts first,
 * then what is wrong further below.
 */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, data: unknown, path: YamlPath): SourceProblem[] {
  const alternatives = issue.errors.map((issues) => issues.flatMap((inner) => problemsOf(inner, data, path)))
  const near = (problems: SourceProblem[], steps: number) =>
    problems.filter((one) => one.path.length <= path.length + steps).length
  const [meant] = alternatives.sort(
    (a, b) => near(a, 0) - near(b, 0) || near(a, 1) - near(b, 1) || a.length - b.length,
  )
  return meant ?? [{ path, problem: 'fits none of the forms', fix: 'see docs/labs.md' }]
}

function valueAt(data: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    data,
  )
}
