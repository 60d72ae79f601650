import { type Flow, flowKey, type PolicyHit } from '../../cluster/index.ts'
import { exitCodes, LabError } from '../../errors.ts'
import { jsonDocument } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import { withRunning } from './running-cluster.ts'

/** Shows each flow once, as it is seen; as JSON, all of them with their counts. */
export const flows: CommandHandler = (context) =>
  withRunning(context, async (cluster) => {
    const { options, output, signal } = context
    const durationMs = secondsOf(options.duration ?? '15') * 1000
    output.status(`watching for ${durationMs / 1000} s`)
    const all: Flow[] = []
    const shown = new Set<string>()
    const onNote = (text: string) => output.status(text)
    for await (const flow of cluster.flows({ durationMs, signal, onNote })) {
      all.push(flow)
      if (options.output === 'json' || shown.has(flowKey(flow))) continue
      if (shown.size === 0 && flow.basis !== 'flow-log') {
        output.status(`these are samples (${flow.basis}): what did not stand at the moment of one was missed`)
      }
      shown.add(flowKey(flow))
      output.result(lineOf(flow))
    }
    if (options.output === 'json') output.result(jsonDocument('FlowList', { items: all }))
    else output.status(`${shown.size} flows`)
    return exitCodes.asExpected
  })

function lineOf({ from, to, protocol, port, service, action, reporter, enforced, pending }: Flow): string {
  const edge = `${from} -> ${to} ${protocol}/${port}${service ? ` (svc/${service})` : ''}`
  if (action === null) return edge
  const lines = [`${edge}  ${action} at the ${reporter}: ${enforced.map(hitOf).join(', ')}`]
  const would = pending.map(hitOf).join(', ')
  if (would !== enforced.map(hitOf).join(', ')) lines.push(`  with staged policies: ${would}`)
  return lines.join('\n')
}

function hitOf({ kind, namespace, name, action, trigger, tier }: PolicyHit): string {
  if (trigger) return `end of tier ${tier} ${action} (${trigger.kind} ${trigger.name})`
  return `${kind} ${namespace ? `${namespace}/` : ''}${name} ${action}`
}

function secondsOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new LabError({
    code: 'bad-input',
    message: `--duration takes whole seconds, not ${JSON.stringify(text)}`,
    hint: '--duration 15',
  })
}
