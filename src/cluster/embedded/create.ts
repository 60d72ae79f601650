import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { clusterDirectory, stateFiles } from '../../embedded/state.ts'
import { isLabError, LabError, messageOf } from '../../errors.ts'
import { preloadKube } from '../../kube/index.ts'
import { startTimeOf } from '../../process-ref.ts'
import { projectRoot } from '../../project-root.ts'
import type { Cluster, ClusterSpec, Progress } from '../cluster.ts'
import { startControlPlane } from './control-plane-process.ts'
import { deleteByMarks, ownerFile, sweep } from './delete.ts'
import { open } from './open.ts'
import { demand, preflight, quickChecks } from './preflight.ts'
import { isRunning, readState } from './state-file.ts'

/** Starts the control plane, which starts the nodes, and waits until both are ready. */
export async function create(spec: ClusterSpec, progress: Progress, signal?: AbortSignal): Promise<Cluster> {
  demand(quickChecks())
  requireFamilies(spec)
  const bundle = join(projectRoot(), 'dist/control-plane.js')
  if (!existsSync(bundle)) {
    throw new LabError({ code: 'cluster-failed', message: 'ztlab is not built', hint: 'npm run build' })
  }
  const directory = clusterDirectory(spec.name)
  requireRoomForSockets(directory)
  prepareRoot(dirname(directory))
  await sweep()
  refuseTaken(directory, spec.name)
  makeStateDirectory(directory, spec.name)
  return progress.step(`embedded cluster ${spec.name}: ${spec.nodes} nodes`, async () => {
    const controlPlane = startControlPlane({ bundle, spec, directory }, signal)
    const end = async () => {
      await controlPlane.end()
      await deleteByMarks(directory, spec.name)
    }
    preloadKube()
    try {
      progress.note(await controlPlane.ready)
      return await open(spec.name, spec.detached ? undefined : end).catch((error) => {
        throw isLabError(error) && error.code === 'not-found' ? endedAtOnce(spec.name) : error
      })
    } catch (error) {
      await end()
      // The kernel's part is tried only now: a cluster that starts needs no trial.
      if (!signal?.aborted) demand(await preflight())
      throw error
    }
  })
}

function endedAtOnce(name: string): LabError {
  return new LabError({
    code: 'cluster-failed',
    message: `cluster ${name} ended as soon as it was ready`,
    cause: 'one of its processes was killed',
    hint: 'ztlab doctor',
  })
}

/** A kernel may have been started without IPv6. */
function requireFamilies({ ipFamily = 'ipv4' }: ClusterSpec): void {
  if (ipFamily === 'ipv4' || existsSync('/proc/sys/net/ipv6')) return
  throw new LabError({
    code: 'unsupported',
    message: `this kernel has no IPv6, so there is no cluster with --ip-family ${ipFamily}`,
    cause: 'the boot parameter ipv6.disable=1, or a kernel built without it',
    hint: 'ztlab cluster up --ip-family ipv4',
  })
}

/** Of Linux (unix(7)): the address of a socket holds no longer path. */
const longestSocketPath = 107

function requireRoomForSockets(directory: string): void {
  const { apiSocket, apiTlsSocket, kubeletSocket } = stateFiles(directory)
  const length = Math.max(...[apiSocket, apiTlsSocket, kubeletSocket].map((path) => Buffer.byteLength(path)))
  if (length <= longestSocketPath) return
  throw new LabError({
    code: 'bad-input',
    message: `${directory} is too long a path for a cluster's state`,
    cause: `its sockets have ${length} bytes, and Linux takes ${longestSocketPath}`,
    hint: 'ZTLAB_STATE_DIR=/tmp/ztlab ztlab cluster up --name short',
  })
}

function refuseTaken(directory: string, name: string): void {
  if (!isRunning(readState(directory))) return
  throw new LabError({
    code: 'bad-input',
    message: `an embedded cluster named ${name} is running already`,
    hint: `ztlab cluster down --name ${name}`,
  })
}

/** Throws for a place where no cluster can keep its state. */
function prepareRoot(root: string): void {
  inRoot(root, () => mkdirSync(root, { recursive: true, mode: 0o700 }))
  refuseForeignRoot(root)
}

/**
 * Makes the directory with its owner file in one move, so that no sweep ever meets it without: the file says that this
 * cluster is being made and is no leftover.
 */
function makeStateDirectory(directory: string, name: string): void {
  const root = dirname(directory)
  const fresh = join(root, `.${name}.${process.pid}`)
  const owner = { pid: process.pid, startTime: startTimeOf(process.pid) }
  inRoot(root, () => {
    mkdirSync(fresh, { mode: 0o700 })
    writeFileSync(ownerFile(fresh), JSON.stringify(owner), { mode: 0o600 })
  })
  try {
    renameSync(fresh, directory)
  } catch (error) {
    rmSync(fresh, { recursive: true })
    throw new LabError({
      code: 'bad-input',
      message: `an embedded cluster named ${name} is being made by another command`,
      cause: messageOf(error),
      hint: 'choose another name: --name lab-1',
    })
  }
}

const otherRoot = 'ZTLAB_STATE_DIR="$HOME/.ztlab" ztlab cluster up'

/** What the file system refuses is a fault of the place, which another can cure. */
function inRoot(root: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    throw new LabError({
      code: 'missing-permission',
      message: `nothing can be written to ${root}, where clusters keep their state`,
      cause: messageOf(error),
      hint: otherRoot,
    })
  }
}

/** Keys and tokens go below it: whoever owns it could read them. */
function refuseForeignRoot(root: string): void {
  const { uid, mode } = statSync(root)
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return
  throw new LabError({
    code: 'missing-permission',
    message: `${root} is not a folder that only you can write to`,
    cause: 'clusters keep their keys there',
    hint: otherRoot,
  })
}
