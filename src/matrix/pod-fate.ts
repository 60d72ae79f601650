import type { KubeClient } from '../kube/index.ts'
import type { PodView } from './cluster-view.ts'

/** What became of a pod since it was looked at; null where it is as it was, or nobody can tell. */
export async function podFate(kube: KubeClient, pod: PodView): Promise<string | null> {
  try {
    const now = await kube.get('v1', 'Pod', pod.name, pod.namespace)
    if (!now) return 'was deleted meanwhile'
    if (pod.uid && now.metadata.uid !== pod.uid) return 'was replaced by another of its name meanwhile'
    if (now.metadata.deletionTimestamp) return 'is being deleted'
    const phase = now.status?.phase ?? 'Pending'
    return phase === 'Running' ? null : `is not running any more but ${phase}`
  } catch {
    // The failure that made us ask is the one to report.
    return null
  }
}
