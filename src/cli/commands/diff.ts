import { exitCodes, LabError } from '../../errors.ts'
import { type Connections, connectionProtocols, diffModels } from '../../policy/index.ts'
import { policyDiffJson, policyDiffText } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import type { AnswerFormat, OptionValues } from '../options.ts'
import { modelOf, portsOf, readFiles } from './policy-input.ts'

export const diff: CommandHandler = async (context) => {
  const { args, options, output } = context
  const [old, now] = args as [string, string]
  const common = options.filename ?? []
  const format = options.output as AnswerFormat
  const only = options.ports === undefined ? undefined : connectionsOf(options.ports)
  const before = modelOf(context, await readFiles(context, [old, ...common]))
  const after = modelOf(context, await readFiles(context, [now, ...common]))
  const found = diffModels(before.model, after.model, only)
  output.result(format === 'json' ? policyDiffJson(found) : policyDiffText(found, format))
  return fails(options.failOn, found) ? exitCodes.finding : exitCodes.asExpected
}

function fails(
  failOn: OptionValues['failOn'],
  { openedEdges, closedEdges }: { openedEdges: number; closedEdges: number },
): boolean {
  return (
    (openedEdges > 0 && (failOn === 'opened' || failOn === 'any')) ||
    (closedEdges > 0 && (failOn === 'closed' || failOn === 'any'))
  )
}

function connectionsOf(list: string): Connections {
  const ports = portsOf(list)
  const foreign = ports.find(({ protocol }) => protocol === 'ICMP')
  if (foreign)
    throw new LabError({
      code: 'bad-input',
      message: 'a comparison is of ports, and ICMP has none',
      hint: `--ports ${connectionProtocols.map((protocol) => `${protocol}/80`).join(',')}`,
    })
  const of = (protocol: string) =>
    ports
      .filter((port) => port.protocol === protocol)
      .map(({ port }) => ({ first: port, last: port }))
      .sort((a, b) => a.first - b.first)
  return { TCP: of('TCP'), UDP: of('UDP'), SCTP: of('SCTP') }
}
