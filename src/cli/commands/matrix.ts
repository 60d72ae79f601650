import { agnhostImage } from '../../cluster/index.ts'
import { exitCodes } from '../../errors.ts'
import { connectKube } from '../../kube/index.ts'
import { measureMatrix } from '../../matrix/index.ts'
import { formatComparison, textStyle } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import { probeTimeoutMs, questionsFrom } from './matrix-questions.ts'
import { sayForeign } from './policy-input.ts'
import { withRunning } from './running-cluster.ts'

export const matrix: CommandHandler = (context) =>
  withRunning(context, async (cluster) => {
    const { options, output, signal } = context
    const kube = await connectKube(cluster.kubeconfig)
    try {
      const [questions] = await Promise.all([questionsFrom(options, kube), sayForeign(context, kube)])
      const comparison = await measureMatrix({
        kube,
        abilities: cluster.abilities,
        questions,
        signal,
        ...(options.ipFamily && { ipVersion: options.ipFamily === 'ipv6' ? 6 : 4 }),
        ...(options.ephemeral && { ephemeralImage: options.probeImage ?? agnhostImage }),
        ...(options.timeout !== undefined && { timeoutMs: probeTimeoutMs(options.timeout) }),
      })
      output.result(formatComparison(comparison, options.output, textStyle(output.resultStyle)))
      return comparison.ok ? exitCodes.asExpected : exitCodes.finding
    } finally {
      kube.close()
    }
  })
