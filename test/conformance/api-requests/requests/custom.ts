import {
  applyPatch,
  get,
  mergePatch,
  object,
  patch,
  post,
  type Request,
  remove,
  strategicPatch,
  table,
} from './request.ts'

const widgets = '/apis/example.com/v1/namespaces/shop/widgets'
const widget = (name: string, spec: unknown) => object('example.com/v1', 'Widget', name, { spec })
const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'widgets.example.com', {
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 5 },
                  mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
                  name: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
                  ports: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, port: { type: 'integer' } },
                    },
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
})
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** What a real API server needs a moment for comes in two parts: these define a kind, the others use it. */
export const defining: Request[] = [
  post('definition under a wrong name', definitions, {
    ...definition,
    metadata: { name: 'wrong.example.com' },
  }),
  post('definition', definitions, definition),
]

export const custom: Request[] = [
  post('widget', widgets, widget('one', { size: 2 })),
  post('widget too large', widgets, widget('bad', { size: 9 })),
  post('widget without a size', widgets, widget('bad', {})),
  post('widget of an unknown mode', widgets, widget('bad', { size: 1, mode: 'c' })),
  post('widget with a bad name', widgets, widget('bad', { size: 1, name: 'ABC' })),
  post('widget with a long name', widgets, widget('bad', { size: 1, name: 'abcdefgh' })),
  post('widget with a size as text', widgets, widget('bad', { size: 'large' })),
  post(
    'widget with a field that is none',
    `${widgets}?fieldValidation=Strict`,
    widget('bad', { size: 1, none: 1 }),
  ),
  post(
    'widget with a field that is none, warned of',
    `${widgets}?dryRun=All`,
    widget('pruned', { size: 1, none: 1 }),
  ),
  get('widgets as a table', widgets, table),
  patch('widget: strategic patch', `${widgets}/one`, { spec: { size: 3 } }, strategicPatch),
  patch('widget: merge patch', `${widgets}/one`, { spec: { size: 3 } }, mergePatch),
  patch(
    'widget: apply ports',
    `${widgets}/one?fieldManager=one`,
    widget('one', { ports: [{ name: 'a', port: 1 }] }),
    applyPatch,
  ),
  patch(
    'widget: another applies ports',
    `${widgets}/one?fieldManager=two`,
    widget('one', { ports: [{ name: 'b', port: 2 }] }),
    applyPatch,
  ),
  patch('widget: status through the main resource', `${widgets}/one`, { status: { phase: 'x' } }, mergePatch),
  patch('widget: status', `${widgets}/one/status`, { status: { phase: 'y' } }, mergePatch),
  get('resources of example.com/v1', '/apis/example.com/v1'),
  remove('widget: deleted', `${widgets}/one`),
]
