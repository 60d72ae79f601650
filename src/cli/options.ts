/** Every option of every command, declared once; commands choose from here by key. */
export interface OptionSpec {
  /** As the help shows it. */
  flags: string
  description: string
  /** Environment variable that gives the value where the flag does not. */
  env?: string
  default?: string
  choices?: readonly string[]
  /** May be given several times. */
  repeatable?: boolean
}

export const outputFormats = ['text', 'json', 'junit', 'markdown'] as const
export type OutputFormat = (typeof outputFormats)[number]

export const lintFormats = ['text', 'json', 'sarif', 'github'] as const

/** Of what policies say, which is no test. */
export const answerFormats = ['text', 'json', 'markdown'] as const
export type AnswerFormat = (typeof answerFormats)[number]

const dataFormats = ['text', 'json'] as const

function formatOption(what: string, formats: readonly string[]): OptionSpec {
  return {
    flags: '-o, --output <format>',
    description: `format of the ${what}`,
    default: 'text',
    choices: formats,
  }
}

export const optionSpecs = {
  cluster: {
    flags: '--cluster <kind>',
    description: 'kind of cluster: embedded, kind, or context:NAME for an existing one of your kubeconfig',
    env: 'ZTLAB_CLUSTER',
    default: 'embedded',
  },
  name: { flags: '--name <name>', description: 'a cluster by its name, as `cluster list` shows it' },
  nodes: { flags: '--nodes <count>', description: 'how many nodes a new cluster gets' },
  ipFamily: {
    flags: '--ip-family <family>',
    description: 'IP families of a new cluster: ipv4, ipv6, or dual (IPv4 first)',
    choices: ['ipv4', 'ipv6', 'dual'],
  },
  probedFamily: {
    flags: '--ip-family <family>',
    description: 'which addresses are dialled: ipv4 or ipv6; default: the first of each pod and Service',
    choices: ['ipv4', 'ipv6'],
  },
  output: formatOption('result', outputFormats),
  answerOutput: formatOption('answer', answerFormats),
  dataOutput: formatOption('result', dataFormats),
  step: { flags: '--step', description: 'stop after each step until Enter is pressed' },
  expected: {
    flags: '-f, --file <path>',
    description: 'an expected matrix: keys ports, matrix, others and pods, as docs/labs.md has them',
  },
  values: { flags: '-f, --file <path>', description: 'a YAML file of values of the template' },
  filename: {
    flags: '-f, --filename <path>',
    description: 'a file or folder of Kubernetes objects, or - for stdin',
    repeatable: true,
  },
  ports: {
    flags: '--ports <list>',
    description: 'what is asked, separated by commas: TCP/80,UDP/53; ICMP/0 for a ping',
  },
  allPorts: { flags: '--all-ports', description: 'every port: open ports as ranges' },
  podCidr: {
    flags: '--pod-cidr <cidr>',
    description: 'where pods that have no address yet will have theirs',
  },
  failOn: {
    flags: '--fail-on <change>',
    description: 'end with 1 where an edge opened, closed, or either (any)',
    choices: ['opened', 'closed', 'any'],
  },
  lintOutput: formatOption('findings', lintFormats),
  failOnSeverity: {
    flags: '--fail-on <severity>',
    description: 'end with 1 where there is a finding at least as grave as this',
    default: 'error',
    choices: ['error', 'warning', 'info'],
  },
  set: { flags: '--set <key=value>', description: 'the same as key=value', repeatable: true },
  from: {
    flags: '--from <pod>',
    description: 'namespace/pod that connects, or namespace/SELECTOR (shop/app=web; */app=web)',
    repeatable: true,
  },
  to: {
    flags: '--to <target>',
    description:
      'what is connected to: namespace/pod or /SELECTOR, node/NAME, svc/namespace/name, name:NAME, dns:NAME or an address',
    repeatable: true,
  },
  port: { flags: '--port <protocol/port>', description: 'for example TCP/80', repeatable: true },
  timeout: { flags: '--timeout <ms>', description: 'how long a probe waits for an answer, in milliseconds' },
  calicoManifest: {
    flags: '--calico-manifest <file>',
    description: 'kind: install Calico from this file instead of a download',
  },
  cni: {
    flags: '--cni <which>',
    description: 'kind: calico, or default for the network of the node image, which may enforce nothing',
    choices: ['calico', 'default'],
  },
  nodeImage: {
    flags: '--node-image <image>',
    description: 'kind: the node image',
    env: 'ZTLAB_NODE_IMAGE',
  },
  loadImage: {
    flags: '--load-image <image|archive>',
    description: 'kind: a local image or archive to put on the nodes',
    repeatable: true,
  },
  image: {
    flags: '--image <name:tag>',
    description: 'embedded: the name of an image whose archive gives it none',
  },
  fresh: {
    flags: '--fresh',
    description: 'kind: a cluster for this run alone, not the one that earlier runs left warm',
  },
  kubeconfig: {
    flags: '--kubeconfig <file>',
    description: 'context: where the context is found; default: KUBECONFIG or ~/.kube/config',
  },
  namespace: {
    flags: '--namespace <name>',
    description: 'context: an existing namespace that the run may put objects into',
    repeatable: true,
  },
  clusterWide: {
    flags: '--cluster-wide',
    description: 'context: the lab may apply policies that govern pods of others, too',
  },
  probeImage: {
    flags: '--probe-image <image>',
    description:
      'context: the agnhost image of canaries and debug pods, where the usual one cannot be pulled',
    env: 'ZTLAB_PROBE_IMAGE',
  },
  dryRun: { flags: '--dry-run', description: 'show every object that would be written, and write none' },
  ephemeral: {
    flags: '--ephemeral',
    description:
      'probe from pods without a shell by an ephemeral container, which stays until the pod is deleted',
  },
  node: { flags: '--node <node>', description: 'a node by its name; default: the first' },
  duration: { flags: '--duration <seconds>', description: 'how long to watch', default: '15' },
  quiet: { flags: '-q, --quiet', description: 'print the result and errors only' },
  verbose: { flags: '-v, --verbose', description: 'print details, and the stack of an error' },
} satisfies Record<string, OptionSpec>

export type OptionKey = keyof typeof optionSpecs

/** What a command reads. Keys that it did not choose are undefined. */
export interface OptionValues {
  cluster: string
  name?: string
  nodes?: string
  ipFamily?: 'ipv4' | 'ipv6' | 'dual'
  output: OutputFormat
  step?: boolean
  file?: string
  filename?: string[]
  ports?: string
  allPorts?: boolean
  podCidr?: string
  failOn?: 'opened' | 'closed' | 'any' | 'error' | 'warning' | 'info'
  set?: string[]
  from?: string[]
  to?: string[]
  port?: string[]
  timeout?: string
  calicoManifest?: string
  cni?: 'calico' | 'default'
  nodeImage?: string
  loadImage?: string[]
  image?: string
  fresh?: boolean
  kubeconfig?: string
  namespace?: string[]
  clusterWide?: boolean
  probeImage?: string
  dryRun?: boolean
  ephemeral?: boolean
  duration?: string
  node?: string
  quiet?: boolean
  verbose?: boolean
}
