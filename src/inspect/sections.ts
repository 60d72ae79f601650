import type { RuleLine, Section, Veth } from './inspection.ts'
import type { NodeShell, Shown } from './node-shell.ts'

/** What the node answered. */
export interface Facts {
  addresses: Shown
  routes: Shown
  namespaces: Shown
  cgroups: Shown
  table: Shown
  nodeRoute: Shown
  veth: Veth
  rules: RuleLine[]
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
      'With /32 every other machine, the next pod too, is behind the gateway.',
      facts.addresses,
    ),
    shown(
      'routes in the pod',
      'All traffic leaves by the veth; 169.254.1.1 is nobody, the node answers for it by proxy ARP.',
      facts.routes,
    ),
    shown(
      'route on the node',
      "The way back: where the node sends what is for the pod's address.",
      facts.nodeRoute,
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
