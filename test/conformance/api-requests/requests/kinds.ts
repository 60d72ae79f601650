import { publishedApi } from '../../../../src/embedded/api/published/index.ts'
import { get, type Request, table } from './request.ts'

const metadataList = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
const aggregated = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' }

/** Fields that are selected by, in some kind or other. */
const fields = [
  'metadata.namespace=none',
  'status.phase=None',
  'spec.nodeName=none',
  'spec.unschedulable=true',
  'type=none',
  'reason=none',
  'involvedObject.name=none',
  'spec.clusterIP=None',
  'status.successful=1',
  'status.replicas=99',
  'spec.signerName=none',
  'spec.nothing=none',
]

/** Every kind that is listed: by a name that nothing has, by fields, and in every form. */
const listed: Request[] = publishedApi()
  .resources.filter(({ verbs }) => verbs.includes('list'))
  .flatMap(({ group, version, plural, namespaced }) => {
    const path = `/${group ? `apis/${group}` : 'api'}/${version}${namespaced ? '/namespaces/shop' : ''}/${plural}`
    const id = `${plural}.${version}.${group}`
    const none = `${path}?fieldSelector=metadata.name%3Dnone`
    return [
      get(`kinds: ${id}`, none),
      get(`kinds: ${id} as a table`, none, table),
      get(`kinds: ${id} as metadata`, none, metadataList),
      ...fields.map((field) => get(`kinds: ${id} by ${field}`, `${none},${field.replace('=', '%3D')}`)),
    ]
  })

export const kinds: Request[] = [
  ...listed,
  get('everything, aggregated', '/apis', aggregated),
  get('the core, aggregated', '/api', aggregated),
  get('all groups', '/apis'),
  get('resources of discovery', '/apis/discovery.k8s.io/v1'),
  get('resources of storage', '/apis/storage.k8s.io/v1'),
  get('resources of RBAC', '/apis/rbac.authorization.k8s.io/v1'),
  get('resources of definitions', '/apis/apiextensions.k8s.io/v1'),
  get('resources of admission', '/apis/admissionregistration.k8s.io/v1'),
  get('resources of certificates', '/apis/certificates.k8s.io/v1'),
  get('the root', '/'),
  get('the version', '/version'),
  get('a version of OpenAPI that is none', '/openapi/v4'),
  get('OpenAPI of a group that is none', '/openapi/v3/apis/none/v1'),
]
