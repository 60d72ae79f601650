import { closeSync, constants, lstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerRequest } from '../runtime/index.ts'
import { ContainerConfigError, type ContainerFields } from './container-fields.ts'

export interface UserContext {
  /** `USER` of the image. */
  imageUser?: string
  /** Where the image's passwd and group are. */
  rootPath?: string
  mapsUserRange: boolean
}

/**
 * As whom a container runs: the pod's security context before the image's `USER`, with the groups that the image's own
 * files and the pod give. Throws `ContainerConfigError` for a user that the image or this node does not have.
 */
export function containerUser(security: ContainerFields, context: UserContext): ContainerRequest['user'] {
  const { uid, gid, name } = userOf(security, context)
  if (security.runAsNonRoot && uid === 0)
    throw new ContainerConfigError('container has runAsNonRoot and image will run as root')
  const groups = [
    // As containerd has it, unless there is no other group that could be set.
    ...(context.mapsUserRange ? [gid] : []),
    ...groupsOf(name, context.rootPath),
    ...(security.supplementalGroups ?? []),
    ...(security.fsGroup === undefined ? [] : [security.fsGroup]),
  ]
  const user = { uid, gid, additionalGids: [...new Set<number>(groups)] }
  if (!context.mapsUserRange) refuseOthers(user)
  return user
}

function userOf(
  { runAsUser, runAsGroup, runAsNonRoot }: ContainerFields,
  { imageUser = '', rootPath }: UserContext,
): { uid: number; gid: number; name?: string } {
  const users = table(rootPath, 'passwd').map(([name, , uid, gid]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
  }))
  if (runAsUser !== undefined) {
    const known = users.find(({ uid }) => uid === runAsUser)
    return { uid: runAsUser, gid: runAsGroup ?? known?.gid ?? 0, name: known?.name }
  }
  const [wanted = '', group] = imageUser.split(':')
  const isNumber = /^\d+$/.test(wanted)
  if (runAsNonRoot && wanted && !isNumber) {
    const why = `image has non-numeric user (${wanted}), cannot verify user is non-root`
    throw new ContainerConfigError(`container has runAsNonRoot and ${why}`)
  }
  const known = users.find(({ name, uid }) =>
    isNumber ? uid === Number(wanted) : name === (wanted || 'root'),
  )
  if (!known && wanted && !isNumber)
    throw new ContainerConfigError(`unable to find user ${wanted}: no matching entries in passwd file`)
  const uid = isNumber ? Number(wanted) : (known?.uid ?? 0)
  return { uid, gid: runAsGroup ?? groupOf(group, rootPath) ?? known?.gid ?? 0, name: known?.name }
}

function groupOf(group: string | undefined, rootPath: string | undefined): number | undefined {
  if (!group) return undefined
  if (/^\d+$/.test(group)) return Number(group)
  const known = table(rootPath, 'group').find(([name]) => name === group)
  if (!known)
    throw new ContainerConfigError(`unable to find group ${group}: no matching entries in group file`)
  return Number(known[2])
}

function groupsOf(name: string | undefined, rootPath: string | undefined): number[] {
  if (!name) return []
  return table(rootPath, 'group')
    .filter(([, , , members = '']) => members.split(',').includes(name))
    .map(([, , gid]) => Number(gid))
}

/** Rows of the image's /etc/passwd or /etc/group; none where its path leads through a symbolic link, perhaps out of it. */
function table(rootPath: string | undefined, file: string): string[][] {
  if (!rootPath) return []
  try {
    if (!lstatSync(join(rootPath, 'etc')).isDirectory()) return []
    const fd = openSync(join(rootPath, 'etc', file), constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      return readFileSync(fd, 'utf8')
        .split('\n')
        .map((line) => line.split(':'))
        .filter((row) => row.length > 2)
    } finally {
      closeSync(fd)
    }
  } catch {
    return []
  }
}

function refuseOthers({ uid, gid, additionalGids }: ContainerRequest['user']): void {
  if (uid !== 0 || gid !== 0) {
    throw new ContainerConfigError(
      `runAsUser ${uid}, runAsGroup ${gid}: one user ID alone is mapped here; install uidmap and give this user a range in /etc/subuid and /etc/subgid`,
    )
  }
  const others = additionalGids.filter((each) => each !== 0)
  if (others.length > 0) {
    throw new ContainerConfigError(
      `supplementary groups ${others.join(', ')}: one group ID alone is mapped here; install uidmap and give this user a range in /etc/subgid`,
    )
  }
}
