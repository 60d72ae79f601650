import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { LabelClass } from '../model/index.ts'
import { compileSelector, type Selector } from '../selector.ts'
import type { LintContext } from './lint-context.ts'

/** Pods on their node's network that a selector would choose if they had one of their own. */
export function hostPodsLike(context: LintContext, selector: Selector): KubernetesObject[] {
  const selects = compileSelector(selector)
  return hostPods(context).filter((pod) => selects(labelsOf(context, pod)))
}

export function hostPods({ cluster }: LintContext): KubernetesObject[] {
  return cluster.objects.filter(({ kind, spec }) => kind === 'Pod' && spec?.hostNetwork === true)
}

function labelsOf({ model }: LintContext, { metadata, spec }: KubernetesObject): LabelClass['labels'] {
  const serviceAccount = spec.serviceAccountName ?? 'default'
  const namespace = metadata.namespace ?? 'default'
  return model.catalog.labelSource.podLabels(namespace, serviceAccount, metadata.labels ?? {})
}

/** What a message calls a pod. */
export function podName({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`
}
