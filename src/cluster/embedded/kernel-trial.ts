import { messageOf } from '../../errors.ts'
import type { Check } from '../cluster.ts'
import type { Machine } from './machine.ts'

/**
 * Tries what the nodes will do, in namespaces that end with the try: a kernel's configuration, a seccomp filter and
 * a security module can each forbid it, and only trying tells.
 */
export async function kernelChecks(machine: Machine): Promise<Check[]> {
  const user = machine.uid === 0 ? [] : ['--user', '--map-root-user']
  const argv = [
    'unshare',
    ...user,
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--mount-proc',
    'sh',
    '-c',
    script(),
  ]
  const result = await machine.run(argv, { allowFailure: true, timeoutMs: 10_000 }).catch((error) => ({
    stdout: '',
    stderr: messageOf(error),
  }))
  if (!result.stdout.includes('begun')) return [noNamespaces(machine, result.stderr.trim())]
  const failed = new Map(
    result.stdout
      .split('\n')
      .filter((line) => line.startsWith('failed '))
      .map((line) => {
        const [, name, ...said] = line.split(' ')
        return [name!, said.join(' ')]
      }),
  )
  return [
    {
      title: 'namespaces',
      ok: true,
      detail: 'network, mount and PID namespaces can be made',
      required: true,
    },
    ...trials.map(({ name, why, cure }) => trialCheck({ name, why, cure }, failed.get(name))),
  ]
}

interface Trial {
  name: string
  why: string
  cure: string
}

const trials: (Trial & { command: string })[] = [
  {
    name: 'veth',
    why: 'connects pods to their node',
    command: 'ip link add v0 type veth peer name v1',
    cure: 'sudo modprobe veth',
  },
  {
    name: 'bridge',
    why: 'connects the nodes',
    command: 'ip link add b0 type bridge',
    cure: 'sudo modprobe bridge',
  },
  {
    name: 'vxlan',
    why: 'carries the traffic of pods between nodes',
    command: 'ip link add x0 type vxlan id 1 dstport 4789 dev lo',
    cure: 'sudo modprobe vxlan',
  },
  {
    name: 'nf_tables',
    why: 'enforces policies',
    command: 'nft add table inet trial',
    cure: 'sudo modprobe nf_tables',
  },
  {
    name: 'overlay',
    why: 'gives each container a file system of its own',
    command:
      'mount -t tmpfs trial /mnt && mkdir /mnt/u /mnt/w /mnt/l /mnt/m && ' +
      'mount -t overlay trial -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w /mnt/m',
    cure: 'sudo modprobe overlay',
  },
]

function script(): string {
  const tries = trials.map(
    ({ name, command }) => `said=$( ( ${command} ) 2>&1 ) || echo "failed ${name} $(echo $said)"`,
  )
  return ['PATH=$PATH:/usr/sbin:/sbin', 'echo begun', ...tries].join('\n')
}

function trialCheck({ name, why, cure }: Trial, said: string | undefined): Check {
  if (said === undefined) return { title: name, ok: true, detail: why, required: true }
  return {
    title: name,
    ok: false,
    detail: `the kernel refuses ${name}, which ${why}: ${said || 'no reason given'}`,
    cure,
    required: true,
  }
}

function noNamespaces(machine: Machine, said: string): Check {
  const why = said.split('\n').at(-1) || 'unshare failed'
  return {
    title: 'namespaces',
    ok: false,
    detail: `this process may not make namespaces (${why}); a container's seccomp filter or masked /proc does that`,
    cure:
      machine.uid === 0
        ? 'in Docker: docker run --privileged … ; else use a machine of its own, or --cluster kind'
        : 'run it as root, or use Docker: ztlab lab run calico-basics --cluster kind',
    required: true,
  }
}
