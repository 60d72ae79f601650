import { resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts'
import { workQueue } from './work-queue.ts'

/**
 * Binds every PersistentVolumeClaim at once to a volume of its own: a directory that all nodes of the cluster have, as
 * they are one machine. It lives as long as its claim, and no longer than the cluster.
 */
export function startVolumeBinder({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('persistentvolume-binder')
  const claims = client.inform(resources.persistentVolumeClaims, ({ object }) => queue.add(keyOf(object)))

  const bind = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const claim = claims.get(name, namespace)
    if (!claim || claim.metadata.deletionTimestamp || claim.status?.phase === 'Bound') return
    const status = {
      phase: 'Bound',
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources?.requests?.storage ?? '0' },
    }
    await client.patch(resources.persistentVolumeClaims, { name, namespace }, { status }, 'status')
  }

  const queue = workQueue({ name: 'volume binder', reconcile: bind, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}
