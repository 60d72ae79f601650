import { configMap, core, get, post, put, type Request } from './request.ts'

export const reviews: Request[] = [
  post('may I', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  }),
  get('a review cannot be listed', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
  post('a token that is none', '/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'nonsense' },
  }),
  put('update of a collection', `${core}/configmaps`, {}),
  post('create at an object', `${core}/configmaps/still`, configMap('still')),
]
