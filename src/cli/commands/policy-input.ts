import { text } from 'node:stream/consumers'
import { parseCidr } from '../../cidr.ts'
import { type LoadedDocuments, loadDocuments } from '../../documents/index.ts'
import { LabError } from '../../errors.ts'
import { connectKube, type KubeClient } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { foreignPolicies, type Port, parsePort, readCluster } from '../../matrix/index.ts'
import { type CompletedModel, completeModel } from '../../policy/index.ts'
import type { CommandContext } from '../command.ts'
import type { Output } from '../output.ts'
import { withRunning } from './running-cluster.ts'

/** The model of the files that `-f` names, or of a running cluster; what had to be assumed is said on stderr. */
export async function readModel(context: CommandContext): Promise<CompletedModel> {
  return modelOf(context, await readObjects(context))
}

/** The objects of the files that `-f` names, or of a running cluster. */
export function readObjects(context: CommandContext): Promise<KubernetesObject[]> {
  const { filename } = context.options
  return filename ? readFiles(context, filename) : readRunning(context)
}

/** The objects of files and folders. Throws `bad-input` with every problem of all of them. */
export async function readFiles(
  { output, stdin }: CommandContext,
  paths: string[],
): Promise<KubernetesObject[]> {
  const loaded = loadDocuments(paths, { stdin: paths.includes('-') ? await text(stdin) : undefined })
  sayIgnored(loaded, output)
  demandText(loaded, paths)
  if (loaded.problems.length > 0)
    throw new LabError({
      code: 'bad-input',
      message: `${loaded.problems.length === 1 ? 'a problem' : `${loaded.problems.length} problems`} in the files`,
      problems: loaded.problems,
      hint: 'correct the files',
    })
  return loaded.documents.map(({ object }) => object)
}

/** Throws `bad-input` where there was nothing to read: an answer would speak of a folder that was not meant. */
export function demandText({ texts, problems }: LoadedDocuments, paths: string[]): void {
  if (texts.size + problems.length > 0) return
  throw new LabError({
    code: 'bad-input',
    message: `${paths.join(', ')}: no file of Kubernetes objects is in there`,
    cause: 'of folders, files that end with .yaml, .yml or .json are read',
    hint: '-f FILE or -f FOLDER',
  })
}

/** The model of these objects. Throws `bad-input` where an address would have to be guessed. */
export function modelOf({ options, output }: CommandContext, objects: KubernetesObject[]): CompletedModel {
  const completed = completeModel(objects, { podNet: podNetOf(options.podCidr) })
  demandAddresses(completed.problems)
  for (const sentence of [...completed.assumptions, ...completed.model.unsupported])
    output.status(`note: ${sentence}`)
  return completed
}

/** Throws `bad-input` where there are problems with addresses that nobody gave. */
export function demandAddresses(problems: string[]): void {
  if (problems.length === 0) return
  throw new LabError({
    code: 'bad-input',
    message: 'pods without an address, and policies that depend on it',
    problems,
    hint: 'give status.podIP, or where pods will have their addresses: --pod-cidr 10.244.0.0/16',
  })
}

/** The ports of `--ports`; TCP/80 without. */
export function portsOf(list = 'TCP/80'): Port[] {
  const ports = list.split(',').map(demandPort)
  return [...new Map(ports.map((port) => [`${port.protocol}/${port.port}`, port])).values()]
}

export function demandPort(written: string): Port {
  const port = parsePort(written)
  if (port) return port
  throw new LabError({
    code: 'bad-input',
    message: `${JSON.stringify(written)} is no port`,
    hint: 'write PROTOCOL/PORT: TCP/80, UDP/53, SCTP/3868, or ICMP/0',
  })
}

/** The block of `--pod-cidr`. */
export function podNetOf(written: string | undefined): string | undefined {
  const net = written === undefined ? null : parseCidr(written)
  if (written === undefined || (net && net.last - net.first > 255n)) return written
  throw new LabError({
    code: 'bad-input',
    message: `${JSON.stringify(written)} is no block of at least 256 addresses`,
    hint: '--pod-cidr 10.244.0.0/16',
  })
}

function readRunning(context: CommandContext): Promise<KubernetesObject[]> {
  return withRunning(context, async (cluster) => {
    const kube = await connectKube(cluster.kubeconfig)
    try {
      const [{ objects }] = await Promise.all([readCluster(kube, context.signal), sayForeign(context, kube)])
      return objects
    } finally {
      kube.close()
    }
  })
}

/** Says on stderr which policies of the cluster no prediction reads. */
export async function sayForeign({ output, signal }: CommandContext, kube: KubeClient): Promise<void> {
  for (const sentence of await foreignPolicies(kube, signal)) output.status(`note: ${sentence}`)
}

export function sayIgnored({ ignored }: LoadedDocuments, output: Output): void {
  if (ignored.size === 0) return
  const parts = [...ignored].map(([what, times]) => `${times} × ${what}`)
  output.status(`not looked into: ${parts.join(', ')}`)
}
