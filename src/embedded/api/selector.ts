import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Kind } from './kind.ts'
import { badRequest } from './status-error.ts'

export type Selector = (object: KubernetesObject) => boolean

/** `labelSelector` and `fieldSelector` of a list or watch, as one test. Throws 400 for what cannot be parsed. */
export function parseSelectors(kind: Kind, query: URLSearchParams): Selector {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(kind, query.get('fieldSelector') ?? '')
  return (object) => labels(object) && fields(object)
}

/** The grammar of label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
export function parseLabelSelector(text: string): Selector {
  const tests = splitRequirements(text).map(labelRequirement)
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}))
}

type LabelTest = (labels: Record<string, string>) => boolean

function labelRequirement(text: string): LabelTest {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text)
  if (set) {
    const [, key, operator, list] = set as unknown as [string, string, string, string]
    const values = list.split(',').map((value) => value.trim())
    const isIn: LabelTest = (labels) => Object.hasOwn(labels, key) && values.includes(labels[key]!)
    return operator === 'in' ? isIn : (labels) => !isIn(labels)
  }
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(text)
  if (equality) {
    const [, key, operator, value] = equality as unknown as [string, string, string, string]
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
  }
  const existence = /^(!?)\s*([A-Za-z0-9][\w./-]*)$/.exec(text)
  if (!existence)
    throw badRequest(`unable to parse requirement: ${JSON.stringify(text)} is not a label selector`)
  const key = existence[2]!
  return existence[1] ? (labels) => !Object.hasOwn(labels, key) : (labels) => Object.hasOwn(labels, key)
}

/** Splits at commas that stand outside parentheses. */
function splitRequirements(text: string): string[] {
  return text
    .split(/,(?![^()]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function parseFieldSelector(kind: Kind, text: string): Selector {
  const namespace = kind.isSelectedByNamespace === false ? [] : ['metadata.namespace']
  const supported = ['metadata.name', ...namespace, ...(kind.fieldSelectors ?? [])]
  const tests = splitRequirements(text).map((part): Selector => {
    const match = /^([\w.]+)(==|=|!=)(.*)$/.exec(part)
    if (!match) throw badRequest(`invalid field selector: ${JSON.stringify(part)}`)
    const [, path, operator, value] = match as unknown as [string, string, string, string]
    if (!supported.includes(path)) {
      throw badRequest(`field label not supported: ${path} (${kind.kind} supports ${supported.join(', ')})`)
    }
    return (object) => (fieldText(object, path) === value) === (operator !== '!=')
  })
  return (object) => tests.every((test) => test(object))
}

function fieldText(object: KubernetesObject, path: string): string {
  // biome-ignore lint/suspicious/noExplicitAny: walks a path
  const value = path.split('.').reduce((at: any, field) => at?.[field], object)
  return value === undefined || value === null ? '' : String(value)
}
