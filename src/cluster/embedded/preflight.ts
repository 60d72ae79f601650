import { LabError } from '../../errors.ts'
import type { Check } from '../cluster.ts'
import { kernelChecks } from './kernel-trial.ts'
import { type Machine, thisMachine } from './machine.ts'

/** Everything the embedded cluster needs; tries the kernel's part in namespaces that end with the try. */
export async function preflight(machine: Machine = thisMachine): Promise<Check[]> {
  const quick = quickChecks(machine)
  if (quick.some(({ ok, required }) => required && !ok)) return quick
  return [...quick, ...(await kernelChecks(machine))]
}

/** The part that costs no process: platform, programs, user namespaces. */
export function quickChecks(machine: Machine = thisMachine): Check[] {
  if (machine.platform !== 'linux') return [wrongPlatform(machine.platform)]
  const ofUser = machine.uid === 0 ? [] : userNamespaceChecks(machine)
  return [...programChecks(machine), ...ofUser, cgroupCheck(machine)]
}

/** Throws for the required checks that fail: `missing-package` with one line to type, else the first cure. */
export function demand(checks: Check[]): void {
  const failed = checks.filter(({ ok, required }) => required && !ok)
  if (failed.length === 0) return
  const first = failed[0]!
  const packages = failed.every(({ cure }) => cure?.includes('apt-get install'))
  throw new LabError({
    code: packages ? 'missing-package' : first.title === 'Linux' ? 'unsupported' : 'missing-permission',
    message: `the embedded cluster cannot run here: ${first.detail}`,
    problems: failed.map(({ title, detail }) => `${title}: ${detail}`),
    hint: packages ? installLine(failed) : first.cure!,
  })
}

/** Programs and the Debian packages that hold them. */
const programs: { program: string; package: string; why: string }[] = [
  { program: 'runc', package: 'runc', why: 'runs the containers of pods' },
  { program: 'nft', package: 'nftables', why: 'holds the rules of policies and Services' },
  { program: 'ip', package: 'iproute2', why: 'makes the network of pods and nodes' },
  { program: 'busybox', package: 'busybox', why: 'is the file system of the built-in images' },
  { program: 'perl', package: 'perl-base', why: 'runs the init process of nodes and the agnhost stand-in' },
  { program: 'setpriv', package: 'util-linux', why: 'ends the nodes together with their control plane' },
  { program: 'unshare', package: 'util-linux', why: 'gives the nodes namespaces of their own' },
  { program: 'nsenter', package: 'util-linux', why: 'runs commands on a node' },
]

function programChecks(machine: Machine): Check[] {
  const sudo = machine.uid === 0 ? '' : 'sudo '
  return programs.map(({ program, package: name, why }) => {
    const ok = machine.isInstalled(program)
    return {
      title: program,
      ok,
      detail: ok ? why : `${program} is not installed; it ${why}`,
      ...(!ok && { cure: `${sudo}apt-get install ${name}` }),
      required: true,
    }
  })
}

function userNamespaceChecks(machine: Machine): Check[] {
  const limit = machine.sysctl('user.max_user_namespaces')
  const cloneAllowed = machine.sysctl('kernel.unprivileged_userns_clone')
  const restricted = machine.sysctl('kernel.apparmor_restrict_unprivileged_userns')
  const closed = closedBy([
    ['user.max_user_namespaces', limit, '0', '15000'],
    ['kernel.unprivileged_userns_clone', cloneAllowed, '0', '1'],
    ['kernel.apparmor_restrict_unprivileged_userns', restricted, '1', '0'],
  ])
  const range = machine.isInstalled('newuidmap')
  return [
    closed ?? {
      title: 'user namespaces',
      ok: true,
      detail: 'an ordinary user may make the namespaces of nodes',
      required: true,
    },
    {
      title: 'newuidmap',
      ok: range,
      detail: range
        ? 'maps a range of user IDs'
        : 'not installed: pods run with one user ID, runAsUser is refused',
      ...(!range && { cure: 'sudo apt-get install uidmap' }),
      required: false,
    },
  ]
}

function cgroupCheck(machine: Machine): Check {
  const obstacle = machine.cgroupObstacle()
  return {
    title: 'cgroups',
    ok: obstacle === null,
    detail: obstacle
      ? `${obstacle}: limits of containers are not applied, and an Event of the pod says so`
      : 'limits of containers are applied',
    ...(obstacle &&
      machine.uid !== 0 && { cure: 'run as root, or in a session of systemd with cgroup version 2' }),
    required: false,
  }
}

/** The first setting that has the value which forbids user namespaces. */
function closedBy(
  settings: [name: string, value: string | null, closed: string, open: string][],
): Check | null {
  const found = settings.find(([, value, closed]) => value === closed)
  if (!found) return null
  const [name, value, , open] = found
  return {
    title: 'user namespaces',
    ok: false,
    detail: `${name} is ${value}, so an ordinary user may not make the namespaces that nodes live in`,
    cure: `sudo sysctl -w ${name}=${open}`,
    required: true,
  }
}

function wrongPlatform(platform: string): Check {
  return {
    title: 'Linux',
    ok: false,
    detail: `its pods are Linux namespaces and this is ${platform}`,
    cure: 'run it in a Linux machine, or use Docker: ztlab lab run calico-basics --cluster kind',
    required: true,
  }
}

function installLine(failed: Check[]): string {
  const sudo = failed.some(({ cure }) => cure?.startsWith('sudo ')) ? 'sudo ' : ''
  const packages = new Set(failed.map(({ cure }) => cure!.split(' ').at(-1)!))
  return `${sudo}apt-get install ${[...packages].join(' ')}`
}
