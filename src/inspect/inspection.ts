/** A pod followed down to the kernel's objects. Every section carries the command that shows it. */
export interface Inspection {
  /** `namespace/name`. */
  pod: string
  cluster: { name: string; backend: string }
  node: string
  address: string
  containers: { name: string; pid: number }[]
  /** Namespace type to its inode, as in /proc/PID/ns. */
  namespaces: Record<string, string>
  veth: Veth
  /** The rules that packets of this pod pass, in order of their chains. */
  rules: RuleLine[]
  /** Lines of /proc/PID/cgroup. */
  cgroups: string[]
  sections: Section[]
}

/** The two ends of the cable: each names the other by its index. */
export interface Veth {
  podInterface: string
  podIndex: number
  nodeInterface: string
  nodeIndex: number
}

export interface RuleLine {
  chain: string
  rule: string
  /** Null where the rule does not count. */
  packets: number | null
}

export interface Section {
  title: string
  /** What a reader learns from it, in one sentence. */
  meaning: string
  lines: string[]
  /** To paste into a shell of this machine. */
  command: string
}
