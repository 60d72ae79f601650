import { isLabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'

/** What is asked for, as a SelfSubjectAccessReview puts it. */
export interface Attributes {
  verb: string
  group?: string
  resource: string
  subresource?: string
}

/** Asks the API server whether we may; one without such reviews is taken to allow what it may refuse itself. */
export async function mayWe(kube: KubeClient, resourceAttributes: Attributes): Promise<boolean> {
  const body = JSON.stringify({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  })
  try {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const answer = await kube.raw(path, { method: 'POST', body })
    return (JSON.parse(answer) as { status?: { allowed?: boolean } }).status?.allowed ?? false
  } catch (error) {
    if (isLabError(error) && error.code === 'not-found') return true
    throw error
  }
}

/** Whether the canary's policy may stand in a tier of its own; otherwise a NetworkPolicy has to do. */
export async function mayWriteTiers(kube: KubeClient): Promise<boolean> {
  const served = await kube.raw('/apis/projectcalico.org/v3').catch(() => null)
  const group = served ? 'projectcalico.org' : 'crd.projectcalico.org'
  const asked = await Promise.all(
    ['tiers', 'networkpolicies'].map((resource) => mayWe(kube, { verb: 'create', group, resource })),
  )
  return asked.every(Boolean)
}

/** What reading, probing and a canary take, and what each is for. */
export const needs: { attributes: Attributes; purpose: string; required: boolean }[] = [
  {
    attributes: { verb: 'list', resource: 'pods' },
    purpose: 'find sources and destinations',
    required: true,
  },
  { attributes: { verb: 'list', resource: 'nodes' }, purpose: 'know the nodes', required: true },
  { attributes: { verb: 'list', resource: 'services' }, purpose: 'know Services', required: true },
  {
    attributes: { verb: 'list', group: 'networking.k8s.io', resource: 'networkpolicies' },
    purpose: 'predict',
    required: true,
  },
  {
    attributes: { verb: 'create', resource: 'pods', subresource: 'exec' },
    purpose: 'probe from pods',
    required: true,
  },
  { attributes: { verb: 'create', resource: 'namespaces' }, purpose: 'labs and the canary', required: false },
  { attributes: { verb: 'create', resource: 'pods' }, purpose: 'labs, canary, node shell', required: false },
  {
    attributes: { verb: 'create', group: 'networking.k8s.io', resource: 'networkpolicies' },
    purpose: 'labs and the canary',
    required: false,
  },
]
