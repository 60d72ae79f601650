import type { IpVersion } from '../../cidr.ts'
import { builtInTiers } from '../../policy/index.ts'
import { type ApiClient, type ResourceType, resources } from '../api-client/index.ts'
import { blockPrefix, podNetworks } from '../network/index.ts'
import { startApiService } from './api-service.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { startDaemonSetController } from './daemon-sets.ts'
import { startDeploymentController } from './deployments.ts'
import { startDisruptionController } from './disruption.ts'
import { startEndpointMirroring } from './endpoint-mirroring.ts'
import { startEndpointSliceController } from './endpoint-slices.ts'
import { startEndpointsController } from './endpoints.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { startJobController } from './jobs.ts'
import { bootstrapNamespaces, startNamespaceController } from './namespaces.ts'
import { startNodeLifecycle } from './node-lifecycle.ts'
import { startNodeMonitor } from './node-monitor.ts'
import { startPodGarbageCollector } from './pod-garbage.ts'
import { startReplicaSetController } from './replica-sets.ts'
import { startRootAuthorityPublisher } from './root-authority.ts'
import { startScheduler } from './scheduler.ts'
import { startStatefulSetController } from './stateful-sets.ts'
import { startTaintEviction } from './taint-eviction.ts'
import { startVolumeBinder } from './volume-binder.ts'

export type { ControllerContext } from './controller.ts'

export interface Controllers {
  /** Resolves once no controller has anything to do. */
  idle(): Promise<void>
  stop(): void
}

/** Starts every controller, and creates the objects that a cluster has from the start. */
export async function startControllers(
  context: ControllerContext,
  types: ResourceType[],
): Promise<Controllers> {
  const running: Controller[] = [
    startScheduler(context),
    startNodeLifecycle(context),
    startNodeMonitor(context),
    startTaintEviction(context),
    startPodGarbageCollector(context),
    startNamespaceController(
      context,
      types.filter((type) => type.namespaced),
    ),
    startRootAuthorityPublisher(context),
    startEndpointSliceController(context),
    startEndpointsController(context),
    startEndpointMirroring(context),
    startReplicaSetController(context),
    startDeploymentController(context),
    startStatefulSetController(context),
    startDaemonSetController(context),
    startJobController(context),
    startDisruptionController(context),
    startVolumeBinder(context),
    startGarbageCollector(context, types),
  ]
  const client = context.client('bootstrap')
  await bootstrapNamespaces(client)
  running.push(await startApiService(context))
  await bootstrapTiers(client)
  await bootstrapPools(client, context.families ?? [4])
  await bootstrapPriorities(client)
  const idleOnce = () => Promise.all(running.map((controller) => controller.idle()))
  return {
    async idle() {
      // What the last one did may give the first one work: quiet is when a whole round changed nothing.
      for (let revision = -1; revision !== client.revision; ) {
        revision = client.revision
        await idleOnce()
      }
    },
    stop() {
      for (const controller of running) controller.stop()
    },
  }
}

/** What the components of a real cluster run with, and published manifests name. */
async function bootstrapPriorities(client: ApiClient): Promise<void> {
  for (const [name, value, description] of [
    [
      'system-cluster-critical',
      2_000_000_000,
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    ],
    [
      'system-node-critical',
      2_000_001_000,
      'Used for system critical pods that must not be moved from their current node.',
    ],
  ] as const) {
    await client.create(resources.priorityClasses, {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description,
    })
  }
}

/** The pools of pod addresses, as a Calico with VXLAN between all nodes has them. */
async function bootstrapPools(client: ApiClient, families: IpVersion[]): Promise<void> {
  for (const family of families) {
    await client.create(resources.ipPools, {
      apiVersion: 'projectcalico.org/v3',
      kind: 'IPPool',
      metadata: { name: `default-ipv${family}-ippool` },
      spec: {
        cidr: podNetworks[family],
        blockSize: blockPrefix(family),
        ipipMode: 'Never',
        natOutgoing: true,
        nodeSelector: 'all()',
        vxlanMode: 'Always',
      },
    })
  }
}

/** The tiers that Calico brings along. */
async function bootstrapTiers(client: ApiClient): Promise<void> {
  for (const [name, spec] of Object.entries(builtInTiers)) {
    await client.create(resources.tiers, {
      apiVersion: 'projectcalico.org/v3',
      kind: 'Tier',
      metadata: { name },
      spec: { ...spec },
    })
  }
}
