import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Column } from './kind.ts'

export const nameColumn: Column = { name: 'Name', value: ({ metadata }) => metadata.name }

export const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  value: ({ metadata }) => metadata.creationTimestamp ?? '',
}

/** What `-o wide` adds to everything that makes pods. */
export const templateColumns: Column[] = [
  { name: 'Containers', wide: true, value: (object) => containerTexts(object, 'name') },
  { name: 'Images', wide: true, value: (object) => containerTexts(object, 'image') },
  { name: 'Selector', wide: true, value: ({ spec }) => selectorText(spec.selector?.matchLabels) },
]

/** `app=web,tier=front`, or `<none>`. */
export function selectorText(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.join(',') || '<none>'
}

function containerTexts({ spec }: KubernetesObject, field: 'name' | 'image'): string {
  return spec.template.spec.containers.map((container: Record<string, string>) => container[field]).join(',')
}
