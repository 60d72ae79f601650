import type { KubernetesObject } from '../../../kubernetes-object.ts'

/** Whoever is let in may do everything: RBAC is stored, and nothing here acts on it. */
const reason = 'this miniature cluster lets whoever holds a valid token do everything'

const allowed = (body: KubernetesObject): object => ({ ...body, status: { allowed: true, reason } })

const rules = (body: KubernetesObject): object => ({
  ...body,
  status: {
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  },
})

/** By path: kinds that are asked and answered, and never stored. */
export const reviews: Record<string, (body: KubernetesObject) => object> = {
  'apis/authorization.k8s.io/v1/selfsubjectaccessreviews': allowed,
  'apis/authorization.k8s.io/v1/subjectaccessreviews': allowed,
  'apis/authorization.k8s.io/v1/localsubjectaccessreviews': allowed,
  'apis/authorization.k8s.io/v1/selfsubjectrulesreviews': rules,
}
