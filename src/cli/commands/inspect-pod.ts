import { exitCodes } from '../../errors.ts'
import { inspectPod, renderInspection } from '../../inspect/index.ts'
import { connectKube } from '../../kube/index.ts'
import { jsonDocument } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import { withRunning } from './running-cluster.ts'

export const inspectPodCommand: CommandHandler = (context) =>
  withRunning(context, async (cluster) => {
    const kube = await connectKube(cluster.kubeconfig)
    try {
      const inspection = await inspectPod({ cluster, kube, pod: context.args[0]! })
      context.output.result(
        context.options.output === 'json'
          ? jsonDocument('Inspection', inspection)
          : renderInspection(inspection),
      )
      return exitCodes.asExpected
    } finally {
      kube.close()
    }
  })
