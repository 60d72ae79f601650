import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Labels } from '../selector.ts'
import { labelNames } from './endpoint.ts'

type OwnLabels = Record<string, string>

/** The labels that endpoints inherit from their namespace and service account. */
export class LabelSource {
  /** Sentences about objects that others name and nobody gave. */
  readonly assumptions: string[] = []
  private readonly namespaces = new Map<string, OwnLabels>()
  private readonly serviceAccounts = new Map<string, OwnLabels>()
  private readonly inherited = new Map<string, [string, string][]>()

  constructor(objects: KubernetesObject[]) {
    for (const { apiVersion, kind, metadata } of objects) {
      if (apiVersion !== 'v1') continue
      if (kind === 'Namespace') this.namespaces.set(metadata.name, metadata.labels ?? {})
      if (kind === 'ServiceAccount')
        this.serviceAccounts.set(`${metadata.namespace ?? 'default'}/${metadata.name}`, metadata.labels ?? {})
    }
  }

  /** Whether a namespace is given. */
  hasNamespace(name: string): boolean {
    return this.namespaces.has(name)
  }

  /** A pod's own labels, the forced ones, and those of its namespace and service account. */
  podLabels(namespace: string, serviceAccount: string, own: OwnLabels): Labels {
    const { namespacePrefix, serviceAccountPrefix } = labelNames
    const kept = Object.entries(own).filter(
      ([label]) => !label.startsWith(namespacePrefix) && !label.startsWith(serviceAccountPrefix),
    )
    return new Map([
      ...this.namespaceLabels(namespace),
      ...this.serviceAccountLabels(namespace, serviceAccount),
      ...kept,
      [labelNames.namespace, namespace],
      [labelNames.orchestrator, 'k8s'],
      [labelNames.serviceAccount, serviceAccount],
    ])
  }

  /** A NetworkSet's own labels, its namespace, and those of the namespace. */
  setLabels(namespace: string, own: OwnLabels): Labels {
    return new Map([
      ...this.namespaceLabels(namespace),
      ...Object.entries(own),
      [labelNames.namespace, namespace],
    ])
  }

  private namespaceLabels(namespace: string): [string, string][] {
    return this.inherit(`namespace ${namespace}`, () => {
      const labels = this.namespaces.get(namespace)
      if (!labels)
        this.assumptions.push(`Namespace ${namespace} is not given: taken to have no labels of its own`)
      const all = { ...labels, 'kubernetes.io/metadata.name': namespace, [labelNames.name]: namespace }
      return prefixed(all, labelNames.namespacePrefix)
    })
  }

  private serviceAccountLabels(namespace: string, name: string): [string, string][] {
    return this.inherit(`service account ${namespace}/${name}`, () => {
      const labels = this.serviceAccounts.get(`${namespace}/${name}`)
      return prefixed({ ...labels, [labelNames.name]: name }, labelNames.serviceAccountPrefix)
    })
  }

  private inherit(key: string, make: () => [string, string][]): [string, string][] {
    const known = this.inherited.get(key)
    if (known) return known
    const labels = make()
    this.inherited.set(key, labels)
    return labels
  }
}

function prefixed(labels: OwnLabels, prefix: string): [string, string][] {
  return Object.entries(labels).map(([label, value]) => [prefix + label, value])
}
