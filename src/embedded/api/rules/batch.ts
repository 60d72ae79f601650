import { all, atLeast, duplicate, invalid, notSupported, type Rule, required, type Wrong } from './rule.ts'

const fields = [
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day of month', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12, words: 'jan feb mar apr may jun jul aug sep oct nov dec' },
  { name: 'day of week', first: 0, last: 6, words: 'sun mon tue wed thu fri sat' },
]

/** Why a text is no schedule of cron, in the words of the parser that Kubernetes uses; null where it is one. */
export function scheduleProblem(schedule: string): string | null {
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(schedule)) return null
  if (/^@every \d+(\.\d+)?(ns|us|ms|s|m|h)/.test(schedule)) return null
  if (schedule.startsWith('@')) return `unrecognized descriptor: ${schedule}`
  const parts = schedule.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== fields.length)
    return `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [index, part] of parts.entries())
    for (const range of part.split(',')) {
      const problem = rangeProblem(range, fields[index]!)
      if (problem) return problem
    }
  return null
}

function rangeProblem(text: string, { first, last, words = '' }: (typeof fields)[number]): string | null {
  const [range = '', step, ...more] = text.split('/')
  if (more.length) return `too many slashes: ${text}`
  if (step !== undefined && !(Number(step) > 0)) return `step of range should be a positive number: ${text}`
  if (range === '*' || range === '?') return null
  const [from, to, ...tooMany] = range.split('-').map((each) => numberOf(each, words, first))
  if (tooMany.length) return `too many hyphens: ${text}`
  const end = to ?? from!
  if (Number.isNaN(from!) || Number.isNaN(end)) return `failed to parse int from ${range}`
  if (from! < first) return `beginning of range (${from}) below minimum (${first}): ${text}`
  if (end > last) return `end of range (${end}) above maximum (${last}): ${text}`
  return from! > end ? `beginning of range (${from}) beyond end of range (${end}): ${text}` : null
}

function numberOf(text: string, words: string, first: number): number {
  if (/^\d+$/.test(text)) return Number(text)
  const at = words.split(' ').indexOf(text.toLowerCase())
  return at < 0 ? Number.NaN : at + first
}

const cronJob: Rule = ({ schedule, timeZone, jobTemplate }, wrong) => {
  if (/TZ/.test(schedule ?? ''))
    wrong('schedule', invalid(schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  else if (schedule) {
    const problem = scheduleProblem(schedule)
    if (problem) wrong('schedule', invalid(schedule, problem))
  }
  if (timeZone === '') wrong('timeZone', invalid('', 'timeZone must be nil or non-empty string'))
  else if (timeZone !== undefined && !isTimeZone(timeZone))
    wrong('timeZone', invalid(timeZone, `unknown time zone ${timeZone}`))
  const policy = jobTemplate?.spec?.template?.spec?.restartPolicy
  if (policy !== 'OnFailure' && policy !== 'Never')
    wrong(
      'jobTemplate.spec.template.spec.restartPolicy',
      'Required value: valid values: "OnFailure", "Never"',
      required,
    )
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

const mostIndexedParallel = 100_000

const job: Rule = (spec, wrong) => {
  const { backoffLimitPerIndex, completionMode, completions, parallelism } = spec
  if (completionMode === 'Indexed') {
    if (completions === undefined)
      wrong('completions', 'Required value: when completion mode is Indexed', required)
    if (parallelism > mostIndexedParallel) {
      const why = `must be less than or equal to ${mostIndexedParallel} when completion mode is Indexed`
      wrong('parallelism', invalid(parallelism, why))
    }
  } else
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'])
      if (spec[field] !== undefined) wrong(field, invalid(spec[field], 'requires indexed completion mode'))
  if (spec.maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined)
    wrong('backoffLimitPerIndex', 'Required value: when maxFailedIndexes is specified', required)
  if (spec.podFailurePolicy) checkFailurePolicy(spec, wrong)
}

// biome-ignore lint/suspicious/noExplicitAny: a spec that was checked against its schema
function checkFailurePolicy(spec: any, wrong: Wrong): void {
  const { podFailurePolicy, podReplacementPolicy, backoffLimitPerIndex, template } = spec
  const restartPolicy = template?.spec?.restartPolicy
  if (restartPolicy !== 'Never')
    wrong(
      'template.spec.restartPolicy',
      invalid(restartPolicy, 'only "Never" is supported when podFailurePolicy is specified'),
    )
  if (podReplacementPolicy && podReplacementPolicy !== 'Failed')
    wrong(
      'podReplacementPolicy',
      `Unsupported value: "${podReplacementPolicy}": supported values: "Failed"`,
      notSupported,
    )
  for (const [index, { action }] of (podFailurePolicy.rules ?? []).entries())
    if (action === 'FailIndex' && backoffLimitPerIndex === undefined)
      wrong(
        `podFailurePolicy.rules[${index}].action`,
        invalid(action, 'requires the backoffLimitPerIndex to be set'),
      )
}

const failureRule: Rule = ({ onExitCodes, onPodConditions }, wrong) => {
  const both = 'specifying both OnExitCodes and OnPodConditions is not supported'
  const neither = 'specifying one of OnExitCodes and OnPodConditions is required'
  if (Boolean(onExitCodes) === Boolean(onPodConditions?.length))
    wrong('', invalid('', onExitCodes ? both : neither))
}

const exitCodes: Rule = ({ operator, values = [] }, wrong) => {
  if (!values.length) wrong('values', invalid([], 'at least one value is required'))
  for (const [index, value] of values.entries()) {
    if (operator === 'In' && value === 0)
      wrong(`values[${index}]`, invalid(0, 'must not be 0 for the In operator'))
    if (values.indexOf(value) < index) wrong(`values[${index}]`, `Duplicate value: ${value}`, duplicate)
  }
  if (values.some((value: number, index: number) => index > 0 && value < values[index - 1]))
    wrong('values', invalid(values, 'must be ordered'))
}

const jobNumbers = {
  completions: 0,
  parallelism: 0,
  activeDeadlineSeconds: 0,
  backoffLimit: 0,
  ttlSecondsAfterFinished: 0,
}
const cronNumbers = { startingDeadlineSeconds: 0, successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }

export const batchRules: Record<string, Rule> = {
  'batch.v1.JobSpec': all(atLeast(jobNumbers), job),
  'batch.v1.PodFailurePolicyRule': failureRule,
  'batch.v1.PodFailurePolicyOnExitCodesRequirement': exitCodes,
  'batch.v1.CronJobSpec': all(atLeast(cronNumbers), cronJob),
}
