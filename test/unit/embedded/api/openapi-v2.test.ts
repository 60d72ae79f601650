import { KindCatalogue } from '../../../../src/embedded/api/kinds/index.ts'
import { openApiV2 } from '../../../../src/embedded/api/openapi-v2.ts'
import { Store } from '../../../../src/embedded/api/store.ts'

test('Swagger 2.0 refers to nothing that it does not define, and describes what v3 describes', () => {
  const document = openApiV2(new KindCatalogue(new Store()).all())
  const text = JSON.stringify(document)
  const { definitions, paths } = document as { definitions: Record<string, object>; paths: object }
  const referred = new Set([...text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name]) => name!))
  expect([...referred].filter((name) => !definitions[name])).toEqual([])
  expect(text.includes('#/components/')).toBe(false)
  expect(text.includes('"allOf":[')).toBe(false)
  expect(definitions['io.k8s.api.apps.v1.Deployment']).toMatchObject({
    type: 'object',
    properties: { spec: { $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentSpec' } },
    'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  })
  expect(Object.keys(paths)).toContain('/apis/apps/v1/namespaces/{namespace}/deployments/{name}')
})
