import { core, get, type Request } from './request.ts'

export const discovery: Request[] = [
  get('groups', '/apis/apps'),
  get('resources of batch/v1', '/apis/batch/v1'),
  get('resources of apps/v1', '/apis/apps/v1'),
  get('resources of v1', '/api/v1'),
  get('resources of networking', '/apis/networking.k8s.io/v1'),
  get('resources of policy/v1', '/apis/policy/v1'),
  get('resources of autoscaling/v2', '/apis/autoscaling/v2'),
  get('versions of the core', '/api'),
  get('a group that is not there', '/apis/example.com'),
  get('a version that is not there', '/apis/apps/v9'),
  get('a kind that is not there', '/apis/apps/v1/namespaces/shop/things'),
  get('an object that is not there', `${core}/pods/none`),
  get('a namespace that is not there', '/api/v1/namespaces/none'),
  get('objects of a namespace that is not there', '/api/v1/namespaces/none/pods'),
  get('a path that is not there', '/nothing/at/all'),
  get('health', '/healthz'),
  get('readiness', '/readyz'),
]
