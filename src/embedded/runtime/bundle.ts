import { readFileSync } from 'node:fs'
import { defaultSeccomp } from './seccomp.ts'

/** What a container is to be; the rest of its OCI configuration follows. */
export interface ContainerSpec {
  rootPath: string
  readonlyRoot: boolean
  args: string[]
  env: Record<string, string>
  cwd: string
  user: { uid: number; gid: number; additionalGids: number[] }
  capabilities: string[]
  noNewPrivileges: boolean
  privileged: boolean
  /** Whether /proc is seen whole (`procMount: Unmasked`). */
  unmaskedProc?: boolean
  /** Settings of its own namespaces, by their names with dots. */
  sysctls?: Record<string, string>
  /** Whether the runtime's own system call filter applies. */
  seccomp?: boolean
  /** Whether its standard input stays open for those who attach. */
  stdin?: boolean
  /** Whether it runs on a terminal. */
  terminal?: boolean
  oomScoreAdj?: number
  /** Namespaces to join, by path; `network` is always joined, and `node` for `pid` or `ipc` makes none. */
  join: { network: string; ipc?: string; uts?: string; pid?: string }
  hostname?: string
  /** Bind mounts besides the standard ones. */
  mounts: {
    source: string
    destination: string
    readonly: boolean
    /** Whether what is mounted below the source later is seen too. */
    followsHost?: boolean
  }[]
  cgroupsPath?: string
  resources?: OciResources
  /** True where group 5 (tty) is mapped. */
  mapsUserRange: boolean
}

export interface OciResources {
  memory?: { limit: number }
  cpu?: { shares?: number; quota?: number; period?: number }
  /** Files of a cgroup of version 2, as they are. */
  unified?: Record<string, string>
}

/** Docker's and containerd's default set. */
export const defaultCapabilities = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
]

export const allCapabilities = [
  ...defaultCapabilities,
  'CAP_DAC_READ_SEARCH',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_LEASE',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_ADMIN',
  'CAP_NET_BROADCAST',
  'CAP_SYSLOG',
  'CAP_SYS_ADMIN',
  'CAP_SYS_NICE',
  'CAP_SYS_PTRACE',
  'CAP_SYS_RESOURCE',
]

/** Docker's number; nobody may give more than he has himself. */
const openFiles = Math.min(1024, ownOpenFilesLimit())

/** config.json of an OCI bundle (OCI runtime specification 1.0). */
export function ociConfig(spec: ContainerSpec): object {
  const capabilities = spec.capabilities
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: spec.terminal === true,
      user: spec.user,
      args: spec.args,
      env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
      cwd: spec.cwd,
      capabilities: {
        bounding: capabilities,
        effective: spec.user.uid === 0 ? capabilities : [],
        permitted: spec.user.uid === 0 ? capabilities : [],
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: openFiles, soft: openFiles }],
      noNewPrivileges: spec.noNewPrivileges,
      oomScoreAdj: spec.oomScoreAdj,
    },
    root: { path: spec.rootPath, readonly: spec.readonlyRoot },
    hostname: spec.hostname,
    mounts: [...standardMounts(spec), ...spec.mounts.map(bindMount)],
    linux: {
      namespaces: namespaces(spec),
      cgroupsPath: spec.cgroupsPath,
      resources: spec.resources,
      sysctl: spec.sysctls,
      ...(spec.privileged || spec.unmaskedProc ? machinePaths : { maskedPaths, readonlyPaths }),
      ...(spec.seccomp ? { seccomp: defaultSeccomp(spec.capabilities) } : {}),
    },
  }
}

/** The hard limit of this process: `Max open files  SOFT  HARD  files`. */
function ownOpenFilesLimit(): number {
  const line = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return line ? Number(line[1]) : Number.POSITIVE_INFINITY
}

function namespaces(spec: ContainerSpec): object[] {
  const { pid, ipc } = spec.join
  return [
    ...(pid === 'node' ? [] : [{ type: 'pid', path: pid }]),
    { type: 'mount' },
    { type: 'network', path: spec.join.network },
    ...(ipc === 'node' ? [] : [{ type: 'ipc', path: ipc }]),
    { type: 'uts', path: spec.join.uts },
  ]
}

function standardMounts({ privileged, mapsUserRange }: ContainerSpec): object[] {
  const quiet = ['nosuid', 'noexec', 'nodev']
  const ttyGroup = mapsUserRange ? ['gid=5'] : []
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: quiet },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...ttyGroup],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: [...quiet, 'mode=1777', 'size=65536k'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: quiet },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...quiet, privileged ? 'rw' : 'ro'] },
  ]
}

function bindMount(mount: ContainerSpec['mounts'][number]): object {
  return {
    destination: mount.destination,
    type: 'bind',
    source: mount.source,
    options: ['rbind', mount.followsHost ? 'rslave' : 'rprivate', mount.readonly ? 'ro' : 'rw'],
  }
}

const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
]

/** What stays the machine's even for a container that sees all: its memory, and settings that no namespace holds. */
const machinePaths = {
  maskedPaths: ['/proc/kcore'],
  readonlyPaths: ['/proc/sysrq-trigger', '/proc/sys/kernel', '/proc/sys/vm', '/proc/sys/fs'],
}

const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']
