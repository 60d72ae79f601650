import type { Review } from '../review.ts'

/** Whoever is let in may do everything: RBAC is stored, and nothing here acts on it. */
const reason = 'this miniature cluster lets whoever holds a valid token do everything'

const allowed: Review = (body) => ({ ...body, status: { allowed: true, reason } })

const rules: Review = (body) => ({
  ...body,
  status: {
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  },
})

const whoAmI: Review = (body, { user }) => ({ ...body, status: { userInfo: user } })

const tokenReview: Review = (body, reviewer) => {
  const audiences = body.spec?.audiences ?? []
  const user = reviewer.userOf(body.spec?.token ?? '', audiences[0])
  if (!user) return { ...body, status: { user: {}, error: 'invalid bearer token' } }
  return { ...body, status: { authenticated: true, user, audiences } }
}

/** By path: kinds that are asked and answered, and never stored. */
export const reviews: Record<string, Review> = {
  'apis/authentication.k8s.io/v1/selfsubjectreviews': whoAmI,
  'apis/authentication.k8s.io/v1/tokenreviews': tokenReview,
  'apis/authorization.k8s.io/v1/selfsubjectaccessreviews': allowed,
  'apis/authorization.k8s.io/v1/subjectaccessreviews': allowed,
  'apis/authorization.k8s.io/v1/localsubjectaccessreviews': allowed,
  'apis/authorization.k8s.io/v1/selfsubjectrulesreviews': rules,
}
