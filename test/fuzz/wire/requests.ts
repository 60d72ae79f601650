import { preparation, type Request, requests } from '../../conformance/api-requests/requests/index.ts'
import { mutated, mutatedBytes, randomWord } from './mutate.ts'
import { type Aim, authorization, httpBytes, noFault, type Shot } from './shot.ts'

/** Requests that are right as they stand; watches would stay, and one is answered with 500 by a real API server, too. */
const seeds = [...preparation, ...requests].filter(
  ({ path, name }) => !path.includes('watch=1') && name !== 'eviction: under two budgets',
)

const mediaTypes = [
  'application/json',
  'application/yaml',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'application/json; charset=nonsense',
  ';;;',
]

const accepts = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/vnd.kubernetes.protobuf',
  '*/*',
  'a;b;c,,,;',
]

const parameters = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'gracePeriodSeconds',
  'propagationPolicy',
  'container',
  'tailLines',
  'includeObject',
  'pretty',
  'timeout',
]

/** A request of the conformance list in which one thing is something else: body, path, query, method or header. */
export function requestShot({ random, token }: Aim): Shot {
  const seed = random.pick(seeds)
  let { path, method } = seed
  const headers: Record<string, string> = { ...authorization(token), ...seed.headers }
  let body = bodyOf(seed)
  const what = random.below(7)
  if (what < 2 && seed.body !== undefined) body = Buffer.from(JSON.stringify(mutated(random, seed.body)))
  else if (what === 2 && body) body = mutatedBytes(random, body)
  else if (what === 3) path = withSegment(path, random.below(9), randomWord(random))
  else if (what === 4)
    path += `${path.includes('?') ? '&' : '?'}${random.pick(parameters)}=${encoded(randomWord(random))}`
  else if (what === 5) method = random.pick(['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
  else
    headers[random.pick(['content-type', 'accept'])] = random.pick(random.chance(0.5) ? mediaTypes : accepts)
  return {
    what: `${seed.name}: ${method} ${path.slice(0, 200)}`,
    bytes: httpBytes({ method, path: sendable(path), headers, body }),
    right: noFault,
    saysStatus: method !== 'HEAD' && !path.startsWith('/healthz'),
  }
}

function bodyOf({ body }: Request): Buffer | undefined {
  if (body === undefined) return undefined
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function withSegment(path: string, index: number, word: string): string {
  const [route, query] = path.split('?')
  const segments = route!.split('/')
  segments[1 + (index % (segments.length - 1))] = encoded(word)
  return segments.join('/') + (query ? `?${query}` : '')
}

/** Words that are encoded already stay: a server has to bear them too. */
function encoded(word: string): string {
  return word.startsWith('%') ? word : encodeURIComponent(word.replace(/[\ud800-\udfff]/g, '').slice(0, 4000))
}

/** A space or a line break would end the request line; those are for raw-http.ts. */
function sendable(path: string): string {
  return path.replace(/[\s$]/g, (character) => encodeURIComponent(character))
}
