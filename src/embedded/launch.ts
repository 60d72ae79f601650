import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { findProgram, nodeSearchPath } from '../command-line.ts'
import type { IpFamilies } from './ip-families.ts'

export interface NodeAgentOptions {
  name: string
  stateDirectory: string
  nodes: number
  ipFamilies: IpFamilies
  /** Path of the built node agent, `dist/node-agent.js`. */
  bundle: string
}

export interface NodeAgentCommand {
  argv: string[]
  env: NodeJS.ProcessEnv
  rootless: boolean
  /** False where one user ID alone is mapped: a pod that asks for another is refused. */
  mapsUserRange: boolean
}

/** The environment variable that marks every process of a cluster; its value is the cluster's name. */
export const clusterMark = 'ZTLAB_CLUSTER_NAME'

/** Inside: holds the ID of this run of the nodes, once they stand for the first time. */
export const bootFile = '/run/ztlab-boot-id'

/**
 * The command that starts the node agent in fresh network, mount and PID namespaces, and for an ordinary user in a
 * user namespace too. All of it dies with the process that started it, whatever way that process ends.
 */
export function nodeAgentCommand(options: NodeAgentOptions): NodeAgentCommand {
  const rootless = process.getuid?.() !== 0
  const mapsUserRange = !rootless || hasUserRange()
  const agentFiles = agentDirectory(options.bundle)
  const asksForCgroup = rootless && hasUserManager()
  const userNamespace = rootless ? userNamespaceOptions({ mapsUserRange, asksForCgroup }) : []
  const argv = [
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...(asksForCgroup ? ['perl', join(agentFiles, 'delegate.pl'), options.name] : []),
    ...[
      'unshare',
      ...userNamespace,
      ...(rootless ? [] : ['--ipc']),
      '--net',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child=KILL',
      '--mount-proc',
    ],
    ...['perl', join(agentFiles, 'init.pl'), options.stateDirectory, bootFile],
    ...[process.execPath, '--enable-source-maps', options.bundle],
    ...['--name', options.name, '--state', options.stateDirectory, '--nodes', String(options.nodes)],
    ...['--ip-family', options.ipFamilies],
    ...['--cache', writableOr(join(options.stateDirectory, 'cache'), cacheDirectory())],
    ...(mapsUserRange ? [] : ['--single-id']),
  ]
  const env = { ...process.env, PATH: nodeSearchPath(process.env), [clusterMark]: options.name }
  return { argv, env, rootless, mapsUserRange }
}

/**
 * Where image layers are kept between runs; they are rebuilt at need, so that it may be deleted at any time. Known out
 * here alone: inside its user namespace everybody is root.
 */
export function cacheDirectory(
  env: NodeJS.ProcessEnv = process.env,
  uid: number = process.getuid?.() ?? 0,
): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'ztlab')
  return uid === 0 ? '/var/cache/ztlab' : join(env.HOME ?? homedir(), '.cache/ztlab')
}

/** A user without a usable home builds the layers anew for each cluster. */
function writableOr(fallback: string, wanted: string): string {
  try {
    mkdirSync(wanted, { recursive: true })
    accessSync(wanted, constants.W_OK)
    return wanted
  } catch {
    return fallback
  }
}

/** Where the Perl programs of the node agent are, seen from the built bundle. */
export function agentDirectory(bundle: string): string {
  return join(dirname(bundle), '../src/embedded/runtime/agent')
}

/**
 * PID, as the host sees it, of PID 1 of the node agent's PID namespace, given the PID of the process started by
 * `nodeAgentCommand`; null until it has been forked.
 */
export function namespaceInit(startedPid: number): number | null {
  const children = readIfThere(`/proc/${startedPid}/task/${startedPid}/children`).trim()
  return children === '' ? null : Number(children.split(' ')[0])
}

/**
 * Whether this user has a systemd of its own, which gives cgroups away (version 2 alone can be given to an ordinary
 * user), and busctl to ask it.
 */
function hasUserManager(env: NodeJS.ProcessEnv = process.env): boolean {
  const runtimeDirectory = env.XDG_RUNTIME_DIR ?? '/nowhere'
  const isVersion2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
  return isVersion2 && existsSync(join(runtimeDirectory, 'systemd')) && isInstalled('busctl')
}

/**
 * `nsenter --all` enters every kind of namespace, which an ordinary user may only where all of them belong to the new
 * user namespace: so the kinds that the node agent has no need of are made new too. Not that of cgroups where one is
 * asked for: nothing could be moved there from a namespace that begins below it (cgroup_namespaces(7), nsdelegate).
 */
function userNamespaceOptions(has: { mapsUserRange: boolean; asksForCgroup: boolean }): string[] {
  const { mapsUserRange, asksForCgroup } = has
  const others = [...(asksForCgroup ? [] : ['cgroup']), 'ipc', 'uts', 'time'].filter((kind) =>
    existsSync(`/proc/self/ns/${kind}`),
  )
  return [
    ...['--user', '--map-root-user', ...(mapsUserRange ? ['--map-auto'] : [])],
    ...others.map((kind) => `--${kind}`),
  ]
}

/** Whether this process runs in a user namespace that is not the machine's own. */
export function isInUserNamespace(): boolean {
  return !/^\s*0\s+0\s+4294967295\s*$/.test(readIfThere('/proc/self/uid_map'))
}

function hasUserRange(): boolean {
  const { username, uid } = userInfo()
  const owns = (file: string) =>
    readIfThere(file)
      .split('\n')
      .some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`))
  return ['newuidmap', 'newgidmap'].every(isInstalled) && owns('/etc/subuid') && owns('/etc/subgid')
}

function isInstalled(program: string): boolean {
  return findProgram(program) !== null
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
