import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { LabError, messageOf } from '../../errors.ts'

/**
 * The kubeconfig of one context and nothing else, as YAML, from `file` or, as kubectl does it, from the files of
 * KUBECONFIG or ~/.kube/config; of several entries of one name the first counts. Throws
 * `cluster-unreachable` with the contexts that exist.
 */
export function contextKubeconfig(name: string, file?: string, env: NodeJS.ProcessEnv = process.env): string {
  const files = kubeconfigFiles(file, env)
  const parts = files.map(readKubeconfig)
  const context = find(parts, 'contexts', name)
  if (!context) throw noContext(name, contextNames(parts), files)
  const { cluster: clusterName, user: userName } = context.context ?? {}
  const cluster = find(parts, 'clusters', clusterName)
  if (!cluster) throw broken(name, `its cluster ${JSON.stringify(clusterName)} is not defined`)
  const user = userName ? find(parts, 'users', userName) : undefined
  if (userName && !user) throw broken(name, `its user ${JSON.stringify(userName)} is not defined`)
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [context],
    clusters: [cluster],
    users: user ? [user] : [],
  })
}

/** Every context that can be named. */
export function listContexts(file?: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return contextNames(kubeconfigFiles(file, env).map(readKubeconfig))
}

type Section = 'contexts' | 'clusters' | 'users'
// biome-ignore lint/suspicious/noExplicitAny: an entry's body is the API's, of which a few fields are read
type Entry = { name: string } & Record<string, any>
type Kubeconfig = Record<Section, Entry[]>

function kubeconfigFiles(file: string | undefined, env: NodeJS.ProcessEnv): string[] {
  if (file !== undefined) {
    if (existsSync(file)) return [file]
    throw new LabError({
      code: 'bad-input',
      message: `there is no kubeconfig ${file}`,
      hint: '--kubeconfig FILE',
    })
  }
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean)
  const files = listed.length > 0 ? listed : [join(homedir(), '.kube/config')]
  // kubectl passes over files of the list that do not exist.
  return files.filter((one) => existsSync(one))
}

function readKubeconfig(file: string): Kubeconfig {
  try {
    const parsed = (parse(readFileSync(file, 'utf8')) ?? {}) as Partial<Kubeconfig>
    const { contexts, clusters, users } = parsed
    const absolute = (entry: Entry) => absolutePaths(entry, dirname(resolve(file)))
    return {
      contexts: contexts ?? [],
      clusters: (clusters ?? []).map(absolute),
      users: (users ?? []).map(absolute),
    }
  } catch (error) {
    throw new LabError({
      code: 'bad-input',
      message: `${file} is no kubeconfig`,
      cause: messageOf(error),
      hint: `kubectl --kubeconfig ${file} config view`,
    })
  }
}

/** Paths in a kubeconfig are meant from its own folder; an exec plugin's only where it has a slash. */
function absolutePaths(entry: Entry, folder: string): Entry {
  const body = entry.cluster ?? entry.user
  if (!body) return entry
  for (const key of ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']) {
    if (typeof body[key] === 'string' && body[key] !== '') body[key] = resolve(folder, body[key])
  }
  if (body.exec?.command?.includes('/')) body.exec.command = resolve(folder, body.exec.command)
  return entry
}

function find(parts: Kubeconfig[], section: Section, name: string | undefined): Entry | undefined {
  return parts.flatMap((part) => part[section]).find((entry) => entry.name === name)
}

function contextNames(parts: Kubeconfig[]): string[] {
  return [...new Set(parts.flatMap(({ contexts }) => contexts.map(({ name }) => name)))]
}

function noContext(name: string, names: string[], files: string[]): LabError {
  return new LabError({
    code: 'cluster-unreachable',
    message: `there is no context ${JSON.stringify(name)}`,
    cause:
      files.length === 0
        ? 'there is no kubeconfig: neither KUBECONFIG nor ~/.kube/config leads to one'
        : `${files.join(', ')} has ${names.length > 0 ? names.join(', ') : 'no context'}`,
    hint: names[0] ? `--cluster context:${names[0]}` : '--kubeconfig FILE',
  })
}

function broken(name: string, cause: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `context ${name} is incomplete`,
    cause,
    hint: 'kubectl config view',
  })
}
