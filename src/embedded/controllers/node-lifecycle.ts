import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'
import { isReady } from '../ready-condition.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { workQueue } from './work-queue.ts'

interface Taint {
  key: string
  effect: string
  timeAdded?: string
}

const ours = /^node\.kubernetes\.io\/(unschedulable|not-ready|unreachable|(disk|memory|pid)-pressure)$/

/**
 * Gives a node the taints that follow from what it is: cordoned, not ready, unreachable, under pressure. Where no node is
 * ready, none loses its pods for that: it is then rather the control plane that is cut off (the real controller's master
 * disruption mode).
 */
export function startNodeLifecycle({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('node-controller')
  let wasDisrupted = false
  const nodes = client.inform(resources.nodes, ({ object }) => {
    const isDisrupted = !nodes.list().some(isReady)
    const changed = isDisrupted === wasDisrupted ? [object] : nodes.list()
    wasDisrupted = isDisrupted
    for (const { metadata } of changed) queue.add(metadata.name)
  })

  const reconcile = async (name: string) => {
    const node = nodes.get(name)
    if (!node || node.metadata.deletionTimestamp) return
    const taints: Taint[] = node.spec?.taints ?? []
    const wanted = taintsFor(node).filter(
      ({ effect }) => effect !== 'NoExecute' || nodes.list().some(isReady),
    )
    const isWanted = ({ key, effect }: Taint) =>
      wanted.some((each) => each.key === key && each.effect === effect)
    const missing = wanted.filter(
      ({ key, effect }) => !taints.some((each) => each.key === key && each.effect === effect),
    )
    const kept = taints.filter((taint) => !ours.test(taint.key) || isWanted(taint))
    if (missing.length === 0 && kept.length === taints.length) return
    const timeAdded = apiTime()
    const next = [...kept, ...missing.map((taint) => ({ ...taint, timeAdded }))]
    await client.patch(resources.nodes, { name }, { spec: { taints: next.length > 0 ? next : null } })
  }

  const queue = workQueue({ name: 'nodes', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function taintsFor({ spec, status }: KubernetesObject): Taint[] {
  const is = (condition: string) =>
    status?.conditions?.find(({ type }: { type: string }) => type === condition)?.status
  const ready = is('Ready')
  const on = (name: string, ...effects: string[]) =>
    effects.map((effect) => ({ key: `node.kubernetes.io/${name}`, effect }))
  return [
    ...(spec?.unschedulable ? on('unschedulable', 'NoSchedule') : []),
    ...(ready === 'False' ? on('not-ready', 'NoSchedule', 'NoExecute') : []),
    ...(ready === 'Unknown' ? on('unreachable', 'NoSchedule', 'NoExecute') : []),
    ...(is('DiskPressure') === 'True' ? on('disk-pressure', 'NoSchedule') : []),
    ...(is('MemoryPressure') === 'True' ? on('memory-pressure', 'NoSchedule') : []),
    ...(is('PIDPressure') === 'True' ? on('pid-pressure', 'NoSchedule') : []),
  ]
}
