import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadDocuments } from '../../../src/documents/index.ts'
import { run } from '../../../src/exec.ts'
import { describeObject } from '../../../src/kubernetes-object.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ztlab-documents-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('every document of every file of every folder is read; lists are taken apart', () => {
  write({
    'a.yaml': `${namespace('x')}\n---\n# nothing\n---\n${namespace('y')}`,
    'deep/b.yml':
      'apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: z}}\n',
    'deep/c.json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'PodList',
      items: [{ metadata: { name: 'p', namespace: 'x' } }],
    }),
  })
  const { documents, problems } = loadDocuments([folder])
  expect(problems).toEqual([])
  expect(documents.map(({ object }) => describeObject(object))).toEqual([
    'Namespace x',
    'Namespace y',
    'Namespace z',
    'Pod x/p',
  ])
  expect(documents.map(({ line }) => line)).toEqual([1, 9, 4, 1])
})

test('without recursion, a folder inside is counted', () => {
  write({ 'a.yaml': namespace('x'), 'deep/b.yaml': namespace('y') })
  const { documents, ignored } = loadDocuments([folder], { recursive: false })
  expect(documents).toHaveLength(1)
  expect([...ignored]).toEqual([['folder', 1]])
})

test('policies come with the defaults of the API server, and know where their fields stand', () => {
  const policy =
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: deny\nspec:\n  ingress:\n    - ports: [{port: 80}]\n'
  const [loaded] = loadDocuments(['-'], { stdin: policy }).documents
  expect(loaded!.object).toMatchObject({
    metadata: { namespace: 'default' },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 80, protocol: 'TCP' }] }],
    },
  })
  expect(loaded!.file).toBe('stdin')
  expect(loaded!.locate(['spec', 'ingress', 0, 'ports', 0, 'port'])).toEqual({ line: 7, col: 22 })
})

test('kinds of others and files of others are counted, none is left out in silence', () => {
  const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n'
  const foreign = 'apiVersion: cilium.io/v2\nkind: NetworkPolicy\nmetadata: {name: c}\n'
  write({
    'a.yaml': `${configMap}---\n${configMap}---\n${foreign}`,
    'README.md': '# hello',
    'b.yaml': '# empty',
    '.c.yaml': namespace('hidden'),
    '.d/e.yaml': namespace('hidden'),
  })
  const { documents, problems, ignored } = loadDocuments([folder])
  expect([documents, problems]).toEqual([[], []])
  expect(Object.fromEntries(ignored)).toEqual({
    'file .md': 1,
    'v1 ConfigMap': 2,
    'cilium.io/v2 NetworkPolicy': 1,
    'empty file': 1,
    'hidden file': 1,
    'hidden folder': 1,
  })
})

test('a file that is named twice is read once', () => {
  write({ 'a.yaml': namespace('x') })
  symlinkSync(join(folder, 'a.yaml'), join(folder, 'link.yaml'))
  expect(loadDocuments([folder, join(folder, 'a.yaml')]).documents).toHaveLength(1)
})

test.each([
  ['no kind', 'apiVersion: v1\nmetadata: {name: x}\n', '1:1 kind: is missing (every object needs it)'],
  ['no apiVersion', 'kind: Pod\nmetadata: {name: x}\n', '1:1 apiVersion: is missing (every object needs it)'],
  [
    'no name',
    `${header('v1', 'Pod')}metadata: {}\n`,
    '3:11 metadata.name: is missing (every object needs it)',
  ],
  [
    'a generated name',
    `${header('v1', 'Pod')}metadata: {generateName: a-}\n`,
    '3:11 metadata.name: is missing (write a name: generateName gives none before the object is made)',
  ],
  ['a list at the top', '- a\n', '1:1 is no map (write an object)'],
  ['a YAML error', 'a: [b\n', expect.stringMatching(/^2:1 .* \(correct the YAML\)$/)],
  ['duplicate keys', `${namespace('x')}\nkind: Pod\n`, '6:1 Map keys must be unique (correct the YAML)'],
  ['an alias to nothing', 'a: *b\n', expect.stringMatching(/^1:4 Unresolved alias/)],
  [
    'an old version',
    `${header('extensions/v1beta1', 'NetworkPolicy')}metadata: {name: x}\n`,
    '1:13 apiVersion: there is no NetworkPolicy in extensions/v1beta1 (write networking.k8s.io/v1 or projectcalico.org/v3)',
  ],
  [
    'a misspelt kind',
    `${header('projectcalico.org/v3', 'NetworkPolcy')}metadata: {name: x}\n`,
    '2:7 kind: projectcalico.org/v3 has no kind NetworkPolcy (did you mean NetworkPolicy?)',
  ],
  [
    'a wrong policy',
    `${header('projectcalico.org/v3', 'NetworkPolicy')}metadata: {name: x}\nspec: {selectr: all()}\n`,
    '4:17 spec.selectr: unknown field (did you mean selector?)',
  ],
  [
    'a label that is no text',
    `${header('v1', 'Pod')}metadata: {name: x, labels: {version: 1}}\n`,
    '3:39 metadata.labels.version: must be a string, not 1 (quote it)',
  ],
  [
    'an address that is none',
    `${header('v1', 'Pod')}metadata: {name: x}\nstatus: {podIP: 10.0.0}\n`,
    '4:17 status.podIP: "10.0.0" is not an IP address (see the reference of Pod)',
  ],
  [
    'a port of a template',
    `${header('apps/v1', 'Deployment')}metadata: {name: x}\nspec: {template: {spec: {containers: [{ports: [{containerPort: 0}]}]}}}\n`,
    '4:64 spec.template.spec.containers[0].ports[0].containerPort: must be between 1 and 65535 (see the reference of Deployment)',
  ],
])('%s is a problem at its place', (_name, stdin, problem) => {
  const { documents, problems } = loadDocuments(['-'], { stdin })
  expect(documents).toEqual([])
  expect(problems.map((text) => text.replace('stdin:', ''))).toEqual([problem])
})

test('all problems are told at once, and what is right is read all the same', () => {
  write({ 'a.yaml': 'a: 1\n---\nb: 1\n', 'b.yaml': 'c: [\n', 'c.yaml': namespace('x') })
  const { documents, problems } = loadDocuments([folder])
  expect(documents).toHaveLength(1)
  expect(problems.map((text) => text.slice(folder.length + 1).split(' ')[0])).toEqual([
    'a.yaml:1:1',
    'a.yaml:3:1',
    'b.yaml:2:1',
  ])
})

test('one object in two forms is a problem; the same object again is not', () => {
  write({
    'a.yaml': namespace('x'),
    'b.yaml': namespace('x'),
    'c.yaml': `${namespace('x')}  labels: {a: b}\n`,
  })
  const { documents, problems } = loadDocuments([folder])
  expect(documents).toHaveLength(1)
  expect(problems).toEqual([
    `${folder}/c.yaml:4:9 Namespace x is given twice, first at ${folder}/a.yaml:1 (keep one)`,
  ])
})

test('merge keys merge, as kubectl reads them', () => {
  const stdin = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  <<: {name: x}\n  labels: {a: b}\n'
  expect(loadDocuments(['-'], { stdin }).documents[0]!.object.metadata).toEqual({
    name: 'x',
    labels: { a: 'b' },
  })
})

test('JSON values follow each other without a separator, as in kubectl; each problem has its place', () => {
  const json = (name: string, more = {}) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...more } })
  const brace = { annotations: { note: 'a } of "{ text' } }
  const named = (stdin: string) => loadDocuments(['-'], { stdin }).documents.map(describe)
  const describe = ({ object, line }: { object: Parameters<typeof describeObject>[0]; line: number }) =>
    `${describeObject(object)}:${line}`
  expect(named(`${json('a', brace)}\n${json('b')}${json('c')}\n---\n${json('d')}\n`)).toEqual([
    'Namespace a:1',
    'Namespace b:2',
    'Namespace c:2',
    'Namespace d:4',
  ])
  expect(named(` {apiVersion: v1, kind: Namespace, metadata: {name: flow}}\n---\n${json('b')}`)).toEqual([
    'Namespace flow:1',
    'Namespace b:3',
  ])
  const wrong = `${json('a')}\n${json('b', { labels: { n: 1 } })}`
  expect(loadDocuments(['-'], { stdin: wrong }).problems).toEqual([
    'stdin:2:76 metadata.labels.n: must be a string, not 1 (quote it)',
  ])
})

test('a list of nothing, as Go writes it', () => {
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: null })
  expect(loadDocuments(['-'], { stdin })).toMatchObject({ documents: [], problems: [] })
})

test('null is as if it were left out, in every kind that a prediction reads', () => {
  const stdin = [
    `${header('v1', 'Pod')}metadata: {name: a, labels: null}\nspec: null\nstatus: null\n`,
    `${header('v1', 'Pod')}metadata: {name: b}\nspec: {hostNetwork: null, containers: [{name: c, ports: [{containerPort: 80, protocol: null, name: null}]}]}\n`,
    `${header('v1', 'Service')}metadata: {name: s}\nspec: {selector: null, ports: null}\n`,
    `${header('discovery.k8s.io/v1', 'EndpointSlice')}metadata: {name: e}\nendpoints: null\nports: [{port: null}]\n`,
  ].join('---\n')
  const { documents, problems } = loadDocuments(['-'], { stdin })
  expect(problems).toEqual([])
  expect(documents.map(({ object: { apiVersion, kind, metadata, ...body } }) => body)).toEqual([
    {},
    { spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] } },
    { spec: {} },
    { ports: [{}] },
  ])
})

test.each([
  ['Pod', 'v1', '{name: x, lables: {a: b}}', 'metadata.lables: unknown field (did you mean labels?)'],
  ['Pod', 'v1', "{name: x}\nspec: {hostNetwork: 'yes'}", 'spec.hostNetwork: must be a boolean, not "yes"'],
  [
    'Pod',
    'v1',
    '{name: x}\nspec: {hostnetworks: true}',
    'spec.hostnetworks: unknown field (did you mean hostNetwork?)',
  ],
  ['Pod', 'v1', '{name: x}\nspec: text', 'spec: must be an object, not "text"'],
  [
    'Pod',
    'v1',
    '{name: x}\nstatus: {podIPs: [10.0.0.1]}',
    'status.podIPs[0]: must be an object, not "10.0.0.1"',
  ],
  ['Pod', 'v1', '{name: x}\nstatus: {podIPs: {ip: a}}', 'status.podIPs: must be a list, not an object'],
  ['Pod', 'v1', '{name: x}\nspec: {containers: [null]}', 'spec.containers[0]: must be an object, not null'],
  ['Node', 'v1', '{name: x}\nstatus: {addresses: a}', 'status.addresses: must be a list, not "a"'],
  ['Service', 'v1', '{name: x}\nspec: {ports: 80}', 'spec.ports: must be a list, not 80'],
  [
    'EndpointSlice',
    'discovery.k8s.io/v1',
    '{name: x}\nports: {port: 80}',
    'ports: must be a list, not an object',
  ],
  [
    'EndpointSlice',
    'discovery.k8s.io/v1',
    '{name: x}\nport: []',
    'port: unknown field (did you mean ports?)',
  ],
  [
    'CronJob',
    'batch/v1',
    '{name: x}\nspec: {jobTemplate: a}',
    'spec.jobTemplate: must be an object, not "a"',
  ],
])('what a prediction reads of a %s must be what it looks like: %s %s', (kind, version, body, problem) => {
  const { problems } = loadDocuments(['-'], { stdin: `${header(version, kind)}metadata: ${body}\n` })
  expect(problems.map((text) => text.replace(/^stdin:\d+:\d+ | \(see the .*$/g, ''))).toEqual([problem])
})

test('fields that nobody reads here are left to the API server, those of later versions, too', () => {
  const spec = 'spec: {hostPID: true, hostUsers: false, tolerations: [], someThingNew: {}}'
  const stdin = `${header('v1', 'Pod')}metadata: {name: x}\n${spec}\nstatus: {hostIP: 10.0.0.1, hostIPs: []}\n`
  expect(loadDocuments(['-'], { stdin }).problems).toEqual([])
})

test('what cannot be read is a problem each, and the rest is read', () => {
  write({ 'a.yaml': namespace('x'), 'folder.yaml/b.yaml': namespace('y') })
  writeFileSync(join(folder, 'latin.yaml'), Buffer.from('# caf\xe9\n', 'latin1'))
  symlinkSync('nowhere.yaml', join(folder, 'broken.yaml'))
  symlinkSync('nowhere', join(folder, 'nobody-asks'))
  symlinkSync('loop.yaml', join(folder, 'loop.yaml'))
  const { documents, problems } = loadDocuments([folder, join(folder, 'none.yaml')])
  expect(documents.map(({ object }) => describeObject(object))).toEqual(['Namespace x', 'Namespace y'])
  const instead = '(name what can, or leave it out)'
  expect(problems).toEqual([
    `${folder}/broken.yaml cannot be read: there is no such file or folder ${instead}`,
    `${folder}/latin.yaml:1:6 is not UTF-8 (save it as UTF-8)`,
    `${folder}/loop.yaml cannot be read: its symbolic links lead in a circle ${instead}`,
    `${folder}/none.yaml cannot be read: there is no such file or folder ${instead}`,
  ])
})

test('a folder that a symbolic link leads back to is read once', () => {
  write({ 'a.yaml': namespace('x'), 'deep/b.yaml': namespace('y') })
  symlinkSync('..', join(folder, 'deep/again'))
  const { documents, problems } = loadDocuments([folder])
  expect(problems).toEqual([])
  expect(documents).toHaveLength(2)
})

test('a pipe in a folder is not waited for; one that is named is read', async () => {
  const pipe = join(folder, 'pipe.yaml')
  await run(['mkfifo', pipe])
  expect([...loadDocuments([folder]).ignored]).toEqual([['file that is no regular one', 1]])
  // Another process writes: this one stands still while it reads.
  const writer = spawn('sh', ['-c', 'printf %s "$1" > "$0"', pipe, namespace('x')])
  expect(loadDocuments([pipe]).documents).toHaveLength(1)
  await once(writer, 'close')
})

function header(apiVersion: string, kind: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\n`
}

test('a name that is no text, as kubectl reads it, is told apart from none', () => {
  write({ 'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: 0755 }\n', 'b.yaml': 'kind: 0755\n' })
  expect(loadDocuments([folder]).problems).toEqual([
    `${folder}/a.yaml:3:19 metadata.name: must be text, not 493 (quote it)`,
    `${folder}/b.yaml:1:1 apiVersion: is missing (every object needs it)`,
  ])
})

function namespace(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: "${name}"\n`
}

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

test("Calico's storage is read as it is enforced: under its own name, with both types where it has none", () => {
  const stored = `${header('crd.projectcalico.org/v1', 'NetworkPolicy')}metadata: {name: default.web, namespace: x}\n`
  const { documents, problems } = loadDocuments(['-'], { stdin: stored })
  expect(problems).toEqual([])
  expect(documents.map(({ object }) => object)).toEqual([
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkPolicy',
      metadata: { name: 'web', namespace: 'x' },
      spec: { tier: 'default', types: ['Ingress', 'Egress'] },
    },
  ])
})

test('peers of the experimental channel of ClusterNetworkPolicy are read', () => {
  const spec = `spec:
  tier: Admin
  priority: 1
  subject: { namespaces: {} }
  egress: [{ action: Deny, to: [{ nodes: {} }] }]
`
  const text = `${header('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy')}metadata: {name: c}\n${spec}`
  expect(loadDocuments(['-'], { stdin: text }).problems).toEqual([])
})
