import { exitCodes } from '../../errors.ts'
import type { CommandHandler } from '../command.ts'
import { withRunning } from './running-cluster.ts'

export const clusterKubeconfig: CommandHandler = (context) =>
  withRunning(context, async (cluster) => {
    context.output.result(cluster.kubeconfig)
    return exitCodes.asExpected
  })
