import { exitCodes, LabError } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type Edge, type EdgeFlow, flowsOf, parseDestination, viewOf } from '../../matrix/index.ts'
import { type CompletedModel, explain, serviceSlices } from '../../policy/index.ts'
import {
  endpointsJson,
  endpointsMarkdown,
  endpointsText,
  explanationJson,
  explanationMarkdown,
  explanationText,
} from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import type { AnswerFormat } from '../options.ts'
import { demandPort, readModel } from './policy-input.ts'

export const explainCommand: CommandHandler = async (context) => {
  const { args, options, output } = context
  const [from, to, written = 'TCP/80'] = args as [string, string, string | undefined]
  const { protocol, port } = demandPort(written)
  const format = options.output as AnswerFormat
  const completed = await readModel(context)
  const { model } = completed
  const edge = { from, to, protocol, port }
  if (!isTranslated(to)) {
    const explanation = explain(model, { source: from, destination: to, protocol, port })
    const show = { text: explanationText, json: explanationJson, markdown: explanationMarkdown }[format]
    output.result(show(edge, explanation))
    return exitCodes.asExpected
  }
  const endpoints = endpointsOf(completed, edge).map(({ endpoint, flow }) => ({
    endpoint,
    port: flow.port,
    explanation: explain(model, flow),
  }))
  const show = { text: endpointsText, json: endpointsJson, markdown: endpointsMarkdown }[format]
  output.result(show(edge, endpoints))
  return exitCodes.asExpected
}

/** A Service or a node: who answers there is somebody else. */
function isTranslated(to: string): boolean {
  return ['service', 'node'].includes(parseDestination(to)?.kind ?? '')
}

function endpointsOf({ objects }: CompletedModel, edge: Edge): EdgeFlow[] {
  const found = flowsOf(viewOf([...objects.map(running), ...serviceSlices(objects)]), edge)
  if (typeof found !== 'string') return found
  throw new LabError({
    code: 'not-found',
    message: `nobody is reached at ${edge.to} ${edge.protocol}/${edge.port}`,
    cause: found,
    hint: 'name a destination as svc/NAMESPACE/NAME or node/NAME, with a port that leads somewhere',
  })
}

/** Files seldom say of a pod that it runs. */
function running(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Pod' || object.status?.phase) return object
  return { ...object, status: { ...object.status, phase: 'Running' } }
}
