import type { KubernetesObject } from '../../../kubernetes-object.ts'

/** `app=web,tier=front`, or `<none>`. */
export function selectorText(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.join(',') || '<none>'
}

export function containerTexts(template: KubernetesObject['spec'], field: 'name' | 'image'): string {
  return (template?.spec?.containers ?? [])
    .map((container: Record<string, string>) => container[field])
    .join(',')
}
