import { isLabError, type LabError } from '../../../src/errors.ts'
import { loadTemplate, parseTemplate, renderTemplate } from '../../../src/lab/templates/index.ts'

const header = (parameters: string) => `{{!--\ntitle: t\ndescription: d\nparameters:\n${parameters}\n--}}\n`
const template = (parameters: string, body: string) =>
  parseTemplate('sample', 'sample.yaml.hbs', header(parameters) + body)
const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n'

const hostile = [
  'a: b',
  '- x',
  '"',
  "it's",
  '# no comment',
  '{flow: map}',
  '[1, 2]',
  '&anchor *alias !tag',
  '*',
  'yes',
  'null',
  '0x10',
  '1e3',
  ' leading and trailing ',
  'two\nlines\nkey: value',
  '---\nkind: Secret',
  '{{injected}}',
  '%YAML 1.2',
  '\t',
  '| block',
  '<<',
  'ünïcödé 𝛑',
  '\\n\\u0000',
]

test.each(hostile)('a value cannot leave its scalar, alone: %j', (value) => {
  const sample = template(
    '  v: { type: string, description: d }',
    `${object}data:\n  plain: {{v}}\n  last: 1\n`,
  )
  expect(renderTemplate(sample, { v: value }).objects).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { plain: value, last: 1 } },
  ])
})

test.each(hostile.filter((value) => !value.includes('\n') && !/['"]/.test(value)))(
  'a value cannot leave its scalar, in every kind of scalar and as a key: %j',
  (value) => {
    const body = `${object}data:\n  double: "<{{v}}>"\n  single: '<{{v}}>'\n  plain: x{{v}}y\n  block: |\n    <{{v}}>\n  flow: ["{{v}}"]\n  "{{v}}": key\n# comment {{v}}\n`
    const [rendered] = renderTemplate(template('  v: { type: string, description: d }', body), {
      v: value,
    }).objects
    expect(rendered!.data).toEqual({
      double: `<${value}>`,
      single: `<${value}>`,
      plain: `x${value}y`,
      block: `<${value}>\n`,
      flow: [value],
      [value]: 'key',
    })
  },
)

test('what is rendered reads back as the same objects', () => {
  const sample = template('  v: { type: list, of: string, description: d }', `${object}data: {{v}}\n`)
  const { yaml } = renderTemplate(sample, { v: hostile })
  expect(
    renderTemplate(
      template('  x: { type: integer, default: 1, description: d }', yaml.replaceAll('{{', '{ {')),
      {},
    ).objects[0]!.data,
  ).toHaveLength(hostile.length)
})

test('a value keeps its type where it stands alone, and is text in quotes or inside a text', () => {
  const sample = template(
    '  p: { type: port, description: d }\n  l: { type: label-map, description: d }',
    `${object}data: { number: {{p}}, quoted: "{{p}}", inside: TCP/{{p}}, map: {{l}} }\n`,
  )
  expect(renderTemplate(sample, { p: 80, l: { app: 'web' } }).objects[0]!.data).toEqual({
    number: 80,
    quoted: '80',
    inside: 'TCP/80',
    map: { app: 'web' },
  })
})

test('a value cannot end the quotes of a selector that it stands in', () => {
  const sample = template(
    '  v: { type: string, description: d }',
    `${object}data: { selector: "app == '{{v}}'" }\n`,
  )
  expect(problemsOf(() => renderTemplate(sample, { v: "x' || all() || '" }))).toEqual([
    "sample.yaml.hbs:10:1 the value x' || all() || ' would end the ' it stands in (move it)",
  ])
})

test('unknown, missing and ill-typed values are all reported', () => {
  const sample = template(
    [
      '  name: { type: name, description: the name }',
      '  port: { type: port, description: the port }',
      '  nets: { type: list, of: cidr, description: the nets }',
      '  side: { type: enum, values: [in, out], description: the side }',
      '  text: { type: string, description: the text }',
    ].join('\n'),
    object,
  )
  const values = { name: 'Bad_Name', port: 70000, nets: ['10.0.0.0/8', '10.0.0.0/33'], side: 'up', extra: 1 }
  expect(problemsOf(() => renderTemplate(sample, values))).toEqual([
    'extra: the template has no such parameter (it has name, port, nets, side, text)',
    'name: "Bad_Name" is not a DNS label: lower-case letters, digits, hyphens (the name)',
    'port: 70000 is not a port, 1 to 65535 (the port)',
    'nets[1]: "10.0.0.0/33" is not a CIDR such as 10.0.0.0/8 (the nets)',
    'side: "up" is not one of in, out (the side)',
    'text: is missing (give a string: the text)',
  ])
})

const one =
  '  v: { type: string, optional: true, description: d }\n  l: { type: list, of: string, default: [a, b], description: d }'

test.each([
  ['no YAML', `${object}data:\n  a: 1\n  a: 2\n`, ':13:1 Map keys must be unique (correct the YAML)'],
  [
    'no YAML behind a loop',
    `${object}data:\n{{#each l}}\n  {{this}}: 1\n{{/each}}\n  b: 2\n`,
    ':15:1 the key b is there twice (leave one of them)',
  ],
  [
    'no object',
    `${object}---\n{{#if l}}\nkind: Pod\n{{/if}}\n`,
    ':13:1 apiVersion: is missing (every object needs it)',
  ],
  ['raw output', `${object}data: {{{v}}}\n`, ':11:1 {{{raw}}} output is not allowed (use two braces)'],
  [
    'raw output by ampersand',
    `${object}data: {{&v}}\n`,
    ':11:1 {{{raw}}} output is not allowed (use two braces)',
  ],
  ['an undeclared name', `${object}data: {{w}}\n`, ':11:1 {{w}} is not declared (add it to parameters)'],
  [
    'a partial',
    `${object}{{> other}}\n`,
    ':11:1 partials and decorators are not allowed (write the text itself)',
  ],
  [
    'an unknown block',
    `${object}{{#with l}}x: 1{{/with}}\n`,
    ':11:1 {{#with}} is not allowed (there are if, unless, each)',
  ],
  [
    'a value not given',
    `${object}data: {{v}}\n`,
    ':11:1 this value was not given (guard it with {{#if}}, or give the parameter a default)',
  ],
  [
    'a list inside a text',
    `${object}data: x{{l}}\n`,
    ':11:1 a list or map cannot stand inside a text: let it stand alone (move it)',
  ],
  [
    'a value as anchor',
    `${object}data: &{{l.[0]}} x\n`,
    ':11:1 a value cannot stand in an anchor, alias or tag (move it)',
  ],
  ['empty output', '', ':1:1 the output is empty (write at least one object)'],
])('bad output is an error at its line of the template: %s', (_what, body, expected) => {
  expect(problemsOf(() => renderTemplate(template(one, body), {}))).toEqual([`sample.yaml.hbs${expected}`])
})

test('a policy that the API server would refuse is an error at its line of the template', () => {
  const body = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: x, namespace: shop }
spec:
  ingress:
{{#each l}}
    - action: Allow
      destination: { ports: [80] }
{{/each}}
`
  const problems = problemsOf(() => renderTemplate(template(one, body), { l: ['x'] }))
  expect(problems).toEqual([expect.stringMatching(/^sample\.yaml\.hbs:15:1 spec\.ingress\[0\].*protocol/)])
})

test('a Handlebars expression that does not parse names its line', () => {
  const [problem] = problemsOf(() => renderTemplate(template(one, `${object}data: {{#if v}}\n`), {}))
  expect(problem).toMatch(/^sample\.yaml\.hbs:1[12]:1 Parse error/)
})

test('a header that is missing or not right says so at its line', () => {
  expect(problemsOf(() => parseTemplate('x', 'x.yaml.hbs', object))).toEqual([
    expect.stringContaining('x.yaml.hbs:1:1 the header is missing'),
  ])
  expect(problemsOf(() => template('  v: { type: strnig, description: d }', object))).toEqual([
    expect.stringMatching(/^sample\.yaml\.hbs:5:14 parameters\.v\.type: Invalid option/),
  ])
})

test('a template that does not exist is an error with the names that do; a path is not a name', () => {
  for (const name of ['default-dney', '../policies/default-deny']) {
    expect(() => loadTemplate(name, ['policies'])).toThrow(expect.objectContaining({ code: 'not-found' }))
  }
})

function problemsOf(work: () => unknown): string[] {
  try {
    work()
  } catch (error) {
    if (isLabError(error)) return (error as LabError).problems
    throw error
  }
  return []
}
