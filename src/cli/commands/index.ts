import type { CommandSpec } from '../command.ts'
import type { OptionKey } from '../options.ts'

/** For clusters that exist already. */
const existing: OptionKey[] = ['kubeconfig', 'probeImage']
const creation: OptionKey[] = [
  'cluster',
  'name',
  'nodes',
  'ipFamily',
  'cni',
  'calicoManifest',
  'nodeImage',
  'loadImage',
  ...existing,
]
const running: OptionKey[] = ['cluster', 'name', ...existing]

/** Every command: its words, its options, and the file that holds its code. */
export const commands: readonly CommandSpec[] = [
  {
    usage: 'lab run <lab>',
    summary: 'run a lab, by its id or its folder, on a new cluster or one that exists',
    options: [...creation, 'fresh', 'namespace', 'clusterWide', 'dryRun', 'step', 'output'],
    load: async () => (await import('./lab-run.ts')).labRun,
  },
  {
    usage: 'lab list',
    summary: 'show the labs',
    options: ['dataOutput'],
    holdsNothing: true,
    load: async () => (await import('./lab-list.ts')).labList,
  },
  {
    usage: 'lab show <lab>',
    summary: 'show what a lab teaches and applies, without a cluster',
    options: ['dataOutput'],
    holdsNothing: true,
    load: async () => (await import('./lab-show.ts')).labShow,
  },
  {
    usage: 'matrix',
    summary: 'measure who reaches whom on a running cluster, against a file or against the prediction',
    options: [...running, 'expected', 'from', 'to', 'port', 'probedFamily', 'timeout', 'ephemeral', 'output'],
    load: async () => (await import('./matrix.ts')).matrix,
  },
  {
    usage: 'predict',
    summary: 'say who may reach whom by the policies of files or of a running cluster, without a packet',
    options: ['filename', 'ports', 'allPorts', 'podCidr', ...running, 'answerOutput'],
    holdsNothing: true,
    load: async () => (await import('./predict.ts')).predict,
  },
  {
    usage: 'explain <from> <to> [port]',
    summary:
      'say why a pod may reach another, a Service, a node or an address, or what keeps it from it: tiers, policies, rules, the nearest miss',
    options: ['filename', 'podCidr', ...running, 'answerOutput'],
    holdsNothing: true,
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  {
    usage: 'diff <old> <new>',
    summary: 'compare two sets of files: which edges open and which close; -f adds files to both',
    options: ['filename', 'ports', 'podCidr', 'failOn', 'answerOutput'],
    holdsNothing: true,
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    usage: 'lint',
    summary: 'find mistakes in policies by what the whole set does: files and folders, or - for stdin',
    options: ['filename', 'lintOutput', 'failOnSeverity'],
    holdsNothing: true,
    load: async () => (await import('./lint.ts')).lintCommand,
  },
  {
    usage: 'exposure',
    summary: 'say what pods that do not exist yet would be let to reach, and be reached from',
    options: ['filename', 'podCidr', ...running, 'answerOutput'],
    holdsNothing: true,
    load: async () => (await import('./exposure.ts')).exposure,
  },
  {
    usage: 'render [template] [key=value...]',
    summary: 'print a policy template with its values filled in; without a name, list the templates',
    options: ['set', 'values', 'dataOutput'],
    holdsNothing: true,
    load: async () => (await import('./render.ts')).render,
  },
  {
    usage: 'flows',
    summary: 'watch what flows on a running cluster, and which policies let it or would not',
    options: [...running, 'duration', 'dataOutput'],
    load: async () => (await import('./flows.ts')).flows,
  },
  {
    usage: 'cluster up',
    summary: 'make a cluster that stays',
    options: [...creation, 'dataOutput'],
    load: async () => (await import('./cluster-up.ts')).clusterUp,
  },
  {
    usage: 'cluster down',
    summary: 'delete a cluster and all that carries its marks',
    options: running,
    load: async () => (await import('./cluster-down.ts')).clusterDown,
  },
  {
    usage: 'cluster list',
    summary: 'show the clusters that are running',
    options: ['dataOutput'],
    load: async () => (await import('./cluster-list.ts')).clusterList,
  },
  {
    usage: 'cluster kubeconfig',
    summary: 'print the kubeconfig of a running cluster',
    options: running,
    load: async () => (await import('./cluster-kubeconfig.ts')).clusterKubeconfig,
  },
  {
    usage: 'cluster load <archive>',
    summary: 'bring an image to the nodes: docker save archive, OCI image layout (folder or archive)',
    options: [...running, 'image', 'dataOutput'],
    load: async () => (await import('./cluster-load.ts')).clusterLoad,
  },
  {
    usage: 'cluster shell [command...]',
    summary: 'open a shell on a node, or run a command there',
    options: [...running, 'node'],
    load: async () => (await import('./cluster-shell.ts')).clusterShell,
  },
  {
    usage: 'inspect pod <namespace/pod>',
    summary: 'follow a pod down to its PIDs, namespaces, veth pair, routes, rules and cgroup',
    options: [...running, 'dataOutput'],
    load: async () => (await import('./inspect-pod.ts')).inspectPodCommand,
  },
  {
    usage: 'doctor',
    summary: 'check what a kind of cluster needs on this machine',
    options: ['cluster', ...existing, 'dryRun', 'dataOutput'],
    load: async () => (await import('./doctor.ts')).doctor,
  },
]
