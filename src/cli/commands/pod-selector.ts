import { LabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'

/**
 * Replaces each `namespace/SELECTOR` by the pods that run there and match, as kubectl reads selectors (`shop/app=web`,
 * `shop/app=web,tier!=db`, `shop/app in (a,b)`); with `*` for all namespaces. Anything else stays as it is.
 */
export async function selectedPods(kube: KubeClient, texts: string[]): Promise<string[]> {
  const lists = await Promise.all(
    texts.map((text) => {
      const selector = parseSelector(text)
      return selector ? podsOf(kube, selector, text) : [text]
    }),
  )
  return [...new Set(lists.flat())]
}

interface Selector {
  namespace: string
  labels: string
}

function parseSelector(text: string): Selector | null {
  const [, namespace, labels] = /^([a-z0-9-]+|\*)\/(.*(?:=|!|\s(?:in|notin)\s).*)$/.exec(text) ?? []
  return namespace && labels ? { namespace, labels } : null
}

async function podsOf(kube: KubeClient, { namespace, labels }: Selector, text: string): Promise<string[]> {
  const place = namespace === '*' ? {} : { namespace }
  const pods = await kube.list('v1', 'Pod', { ...place, labelSelector: labels })
  const running = pods
    .filter(({ metadata, status }) => status?.phase === 'Running' && !metadata.deletionTimestamp)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .sort()
  if (running.length > 0) return running
  throw new LabError({
    code: 'bad-input',
    message: `no running pod matches ${JSON.stringify(text)}`,
    cause: pods.length > 0 ? `${pods.length} match, but none of them runs` : 'none matches at all',
    hint: `kubectl get pods ${namespace === '*' ? '-A' : `-n ${namespace}`} -l '${labels}'`,
  })
}
