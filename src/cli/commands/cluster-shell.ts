import { pasteable } from '../../command-line.ts'
import { LabError } from '../../errors.ts'
import { attach } from '../../exec.ts'
import type { CommandHandler } from '../command.ts'
import { withRunning } from './running-cluster.ts'

/** A shell on a node, or one command there; returns that command's exit code. */
export const clusterShell: CommandHandler = (context) =>
  withRunning(context, async (cluster) => {
    const names = (await cluster.nodes()).map(({ name }) => name)
    const node = context.options.node ?? names[0]!
    if (!names.includes(node)) {
      throw new LabError({
        code: 'not-found',
        message: `cluster ${cluster.name} has no node ${node}`,
        cause: `its nodes are ${names.join(', ')}`,
        hint: `--node ${names[0]}`,
      })
    }
    await cluster.runOnNode(node, ['true'])
    const argv = cluster.nodeCommand(node, context.args.length > 0 ? context.args : undefined, 'now')
    context.output.status(`node ${node}: ${pasteable(argv)}`)
    return attach(argv)
  })
