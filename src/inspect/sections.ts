import type { RuleLine, Section, Veth } from './inspection.ts'
import type { NodeShell, Shown } from './node-shell.ts'

/** What the node answered. */
export interface Facts {
  addresses: Shown
  /** In each family that the pod has an address of: the routes in the pod, and the node's to it. */
  ways: { family: 4 | 6; routes: Shown; nodeRoute: Shown }[]
  /** Rules that lead ports of the node to the pod. */
  hostPorts: Shown[]
  namespaces: Shown
  cgroups: Shown
  table: Shown
  veth: Veth
  rules: RuleLine[]
}

const gateways = {
  4: 'All traffic leaves by the veth; 169.254.1.1 is nobody, the node answers for it by proxy ARP.',
  6: "All traffic leaves by the veth; the next hop is the link-local address of the veth's other end.",
}

/** Facts as a reader meets them, from the process outwards to the node. */
export function sectionsOf(
  facts: Facts,
  containers: { name: string; pid: number; command: string }[],
  node: NodeShell,
): Section[] {
  const { veth } = facts
  const shown = (title: string, meaning: string, { text, command }: Shown): Section => ({
    title,
    meaning,
    lines: linesOf(text),
    command,
  })
  return [
    {
      title: 'containers',
      meaning: 'A container is a process of the node; this is its PID there.',
      lines: containers.map(({ name, pid }) => `${name}  PID ${pid}`),
      command: containers[0]!.command,
    },
    {
      title: 'namespaces',
      meaning:
        'Processes that show the same number share that namespace; the containers of a pod share net and ipc.',
      lines: Object.entries(namespacesOf(facts.namespaces.text)).map(([type, inode]) => `${type}  ${inode}`),
      command: facts.namespaces.command,
    },
    {
      title: 'veth pair',
      meaning:
        'A cable: what goes in at one end comes out at the other. Each end names the index of the other.',
      lines: [
        `pod   ${veth.podIndex}: ${veth.podInterface}@if${veth.nodeIndex}`,
        `node  ${veth.nodeIndex}: ${veth.nodeInterface}@if${veth.podIndex}`,
      ],
      command: node.line(['ip', 'link', 'show', 'dev', veth.nodeInterface]),
    },
    shown(
      'addresses in the pod',
      'With /32 (or /128) every other machine, the next pod too, is behind the gateway.',
      facts.addresses,
    ),
    ...facts.ways.flatMap(({ family, routes, nodeRoute }) => [
      shown(family === 4 ? 'routes in the pod' : 'IPv6 routes in the pod', gateways[family], routes),
      shown(
        family === 4 ? 'route on the node' : 'IPv6 route on the node',
        "The way back: where the node sends what is for the pod's address.",
        nodeRoute,
      ),
    ]),
    ...facts.hostPorts.map((rules) =>
      shown(
        'ports of the node',
        'What comes to such a port of the node is sent on to the pod, before any policy is asked.',
        rules,
      ),
    ),
    {
      title: 'policy rules',
      meaning:
        'What packets of this pod pass and how many matched. cali-fw: from the pod; cali-tw: to the pod.',
      lines: ruleLines(facts.rules),
      command: facts.table.command,
    },
    shown('cgroup', 'Where the kernel accounts and limits CPU and memory of the container.', facts.cgroups),
  ]
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(Boolean)
}

/** Types and inodes out of `ls -l /proc/PID/ns`: `net -> net:[4026532937]`. */
export function namespacesOf(listing: string): Record<string, string> {
  return Object.fromEntries(
    [...listing.matchAll(/ (\w+) -> \w+:\[(\d+)\]/g)]
      .filter(([, type]) => !type!.endsWith('_for_children'))
      .map(([, type, inode]) => [type!, inode!]),
  )
}

/** Each chain by its name, then its rules behind their packet counts. */
function ruleLines(rules: RuleLine[]): string[] {
  return rules.flatMap(({ chain, rule, packets }, index) => [
    ...(rules[index - 1]?.chain === chain ? [] : [chain]),
    `  ${String(packets ?? '-').padStart(6)}  ${rule}`,
  ])
}
