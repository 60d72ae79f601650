import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import type { ActionRequest } from './action-request.ts'
import { evict } from './eviction.ts'
import { isObject } from './json.ts'
import type { Registry, Target } from './registry.ts'
import { issuer, type TokenSpec } from './service-account-tokens.ts'
import { badRequest, conflict, invalid } from './status-error.ts'

/** Subresources that are posted to and do something, by `plural/subresource`. */
export const actions: Record<string, (request: ActionRequest) => object> = {
  'pods/eviction': evict,
  'pods/binding': bind,
  'serviceaccounts/token': requestToken,
}

/** What a scheduler does: gives a pod its node, once. */
function bind({ registry, target, body, options }: ActionRequest): object {
  const pod = registry.get(target)
  const nodeName = body.target?.name
  if (!nodeName) {
    const cause = { reason: 'FieldValueRequired', message: 'Required value', field: 'target.name' }
    throw invalid({ group: '', plural: 'bindings', kind: 'Binding' }, target.name, [cause])
  }
  if (pod.spec.nodeName) {
    const why = `pod ${target.name} is already assigned to node "${pod.spec.nodeName}"`
    throw conflict({ group: '', plural: 'pods/binding', kind: 'Pod' }, target.name, why)
  }
  const document = { spec: { nodeName } }
  registry.patch(
    { ...target, subresource: undefined },
    { type: 'merge', document },
    { ...options, fieldManager: undefined },
  )
  return success
}

function requestToken({ registry, target, body }: ActionRequest): object {
  const account = registry.get(target)
  const spec: TokenSpec = isObject(body.spec) ? body.spec : {}
  const { expirationSeconds = 3600 } = spec
  if (!Number.isInteger(expirationSeconds) || expirationSeconds < 600) {
    const message = `Invalid value: ${JSON.stringify(expirationSeconds)}: may not specify a duration less than 10 minutes`
    const cause = { reason: 'FieldValueInvalid', message, field: 'spec.expirationSeconds' }
    throw invalid({ group: 'authentication.k8s.io', plural: '', kind: 'TokenRequest' }, '', [cause])
  }
  if (spec.boundObjectRef?.kind === 'Pod') requireBound(registry, target, spec.boundObjectRef)
  const status = registry.tokens.issue(account, spec)
  const { name, namespace } = account.metadata
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: apiTime() },
    spec: {
      audiences: spec.audiences?.length ? spec.audiences : [issuer],
      expirationSeconds,
      boundObjectRef: spec.boundObjectRef ?? null,
    },
    status,
  }
}

function requireBound(
  registry: Registry,
  { namespace }: Target,
  { name = '', uid }: NonNullable<TokenSpec['boundObjectRef']>,
): void {
  const kind = registry.kinds.kindOf('api/v1/pods')!
  const pod = registry.get({ kind, namespace, name })
  if (uid && uid !== pod.metadata.uid) {
    throw conflict(
      kind,
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record`,
    )
  }
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/** The body of an action: an object, or nothing. */
export function actionBody(body: unknown): KubernetesObject {
  if (body === undefined) return {} as KubernetesObject
  if (!isObject(body)) throw badRequest('the body must be an object')
  return body as KubernetesObject
}
