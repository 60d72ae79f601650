import type { ComparedCell, Comparison } from '../../../src/matrix/index.ts'
import type { LabRun, StepRun } from '../../../src/report/index.ts'

const cell = (from: string, to: string, more: Partial<ComparedCell> = {}): ComparedCell => ({
  from,
  to,
  protocol: 'TCP',
  port: 80,
  expected: 'allow',
  predicted: 'allowed',
  measured: 'allowed',
  reason: 'answered in 3 ms',
  predictedReason: 'egress of shop/client: no policy governs it',
  ok: true,
  oddOneOut: null,
  ...more,
})

const denied = {
  expected: 'deny',
  predicted: 'dropped',
  measured: 'dropped',
  reason: 'no answer in 301 ms, and shop/web TCP/80 answered its own pod before and after',
  predictedReason: 'egress of shop/client: end of tier default (isolated by NetworkPolicy shop/default-deny)',
} as const

const step = (more: Partial<StepRun>): StepRun => ({
  name: 'baseline',
  title: 'Everything talks',
  teach: null,
  look: null,
  mistake: false,
  applied: [],
  deleted: [],
  commands: [],
  cells: [],
  explanations: [],
  inspections: [],
  ok: true,
  durationMs: 420,
  settleMs: null,
  execs: 2,
  measureMs: 400,
  ...more,
})

/** Every verdict that fails, beside every that holds. */
export const wrongCells: ComparedCell[] = [
  cell('shop/client', 'shop/web'),
  cell('shop/client', 'svc/shop/web', { ...denied }),
  cell('shop/client', 'name:web', {
    expected: 'dns-failure',
    predicted: 'dns-failure',
    measured: 'dns-failure',
    reason: 'the DNS server does not answer',
    predictedReason: 'the DNS query is denied: egress of shop/client: end of tier default',
  }),
  cell('shop/client', 'shop/web', {
    ...denied,
    port: 81,
    expected: 'allow',
    ok: false,
    oddOneOut: 'expected',
  }),
  cell('shop/web', 'shop/client', {
    ...denied,
    measured: 'allowed',
    reason: 'answered in 2 ms',
    ok: false,
    oddOneOut: 'measured',
  }),
  cell('shop/web', 'shop/web', { ...denied, predicted: 'allowed', ok: false, oddOneOut: 'predicted' }),
  cell('shop/web', '203.0.113.7', {
    expected: 'deny',
    predicted: null,
    predictedReason: null,
    measured: 'unproven',
    reason: 'no answer in 300 ms, but nothing shows that anybody listens there',
    ok: false,
    oddOneOut: 'all',
  }),
  cell('shop/web', 'kube-system/kube-dns', {
    protocol: 'UDP',
    port: 53,
    expected: 'deny',
    predicted: 'dropped',
    measured: 'error',
    reason: 'the prober ended with exit code 126: <sh> & "co": not found \u001b[0m',
    ok: false,
    oddOneOut: 'measured',
  }),
]

export const sampleRun: LabRun = {
  apiVersion: 'ztlab.dev/v1',
  kind: 'LabRun',
  lab: { id: 'sample', title: 'A sample | lab' },
  cluster: { name: 'ztlab-1', backend: 'embedded', nodes: 2, sharesPolicyModel: true },
  runId: '0a1b2c3d',
  startedAt: '2026-01-01T00:00:00.000Z',
  steps: [
    step({
      teach: [
        'Kubernetes begins **open**: any pod reaches `shop/web`, on any port, and this paragraph goes on for longer than a line of a terminal is wide.',
        '',
        '- by *address*',
        '- by **name**: `name:web`, which is resolved first by the cluster and then connected to, as programs do it',
        '',
        '```yaml',
        'to:  - {}   # as it is',
        '```',
      ].join('\n'),
      look: 'Every node has one veth per pod.',
      cells: wrongCells.slice(0, 1),
      commands: [
        {
          pod: 'shop/client',
          command: ['nslookup', 'web'],
          code: 0,
          output: 'Name: web\n',
          ok: true,
          reason: null,
        },
      ],
    }),
    step({
      name: 'default-deny',
      title: 'Nothing talks',
      mistake: true,
      applied: [
        {
          source: 'template default-deny',
          yaml: 'apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n',
          objects: ['NetworkPolicy shop/default-deny'],
        },
      ],
      settleMs: 24,
      cells: wrongCells.slice(0, 3),
      explanations: [
        { edge: 'shop/client -> shop/web TCP/80', text: 'dropped: rule\negress of shop/client: denied' },
      ],
      inspections: [{ pod: 'shop/client', text: 'PID 12\nveth cali0123456789a' }],
    }),
    step({
      name: 'broken',
      title: 'Wrong in every way',
      deleted: ['NetworkPolicy shop/default-deny'],
      settleMs: 18,
      cells: wrongCells,
      ok: false,
      commands: [
        {
          pod: 'shop/client',
          command: ['wget', 'web'],
          code: 1,
          output: 'bad <address>\n',
          ok: false,
          reason: 'exit code 1, expected 0',
        },
      ],
    }),
  ],
  ok: false,
  durationMs: 2345,
}

export const sampleComparison: Comparison = { cells: wrongCells, ok: false, execs: 2, durationMs: 612 }
