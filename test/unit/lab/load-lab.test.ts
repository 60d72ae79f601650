import { join } from 'node:path'
import { isLabError, type LabError } from '../../../src/errors.ts'
import { dataFolders, listLabs, loadLab } from '../../../src/lab/index.ts'
import { describeEdge } from '../../../src/matrix/index.ts'

test('a lab is read whole: defaults, manifests, rendered templates, the matrix with its others', () => {
  const lab = loadLab('test/fixtures/labs/valid-small')
  expect(lab).toMatchObject({ id: 'valid-small', nodes: 2, requires: ['projectcalico.org/v3'], seeds: [] })
  expect(lab.manifests.map(({ objects }) => objects.map(({ kind }) => kind))).toEqual([
    ['Namespace', 'Pod', 'Pod'],
  ])
  const [baseline, deny, open] = lab.steps
  expect(baseline!.expect!.cells.map((cell) => `${describeEdge(cell)} ${cell.expectation}`)).toEqual([
    'shop/client -> shop/web TCP/80 allow',
    'shop/web -> shop/client TCP/80 refused',
  ])
  expect(deny!.apply.map(({ source }) => source)).toEqual(['template default-deny', 'template own'])
  expect(deny!.apply[1]!.objects[0]).toMatchObject({ kind: 'ConfigMap', data: { text: 'hello' } })
  expect(deny!.run[0]).toMatchObject({ code: 1, output: /timed out/m, timeoutMs: 10_000 })
  expect(open!.delete).toEqual([
    { apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', name: 'default-deny', namespace: 'shop' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'own', namespace: 'shop' },
  ])
})

test('every wrong key and value of the file is a problem with its place', () => {
  const file = 'test/fixtures/labs/invalid-schema/lab.yaml'
  expect(problemsOf('invalid-schema')).toEqual([
    `${file}:3:19 metadata.name: must be lower-case letters, digits and hyphens (see docs/labs.md)`,
    `${file}:3:69 metadata.level: must be beginner or intermediate or advanced (use one of these)`,
    `${file}:3:11 metadata.minutes: is missing (give it a value: number)`,
    `${file}:3:75 metadata.minuts: unknown key (did you mean minutes?)`,
    `${file}:9:37 spec.steps[0].apply[0].valus: unknown key (did you mean values?)`,
    `${file}:10:21 spec.steps[0].apply[1].manifest.apiVersion: is missing (give it a value: string)`,
    `${file}:10:21 spec.steps[0].apply[1].manifest.kind: is missing (give it a value: string)`,
    `${file}:11:25 spec.steps[0].expect.ports[0]: expected string, received number (see docs/labs.md)`,
    `${file}:11:15 spec.steps[0].expect.matrix: is missing (give it a value: string)`,
    `${file}:7:7 spec.steps[0].aply: unknown key (did you mean apply?)`,
  ])
})

test('what the file refers to is checked too, each problem in the file where it is', () => {
  const file = 'test/fixtures/labs/invalid-references/lab.yaml'
  expect(problemsOf('invalid-references')).toEqual([
    `${file}:5:15 spec.manifests[0]: there is no file missing.yaml (put it into the folder of the lab)`,
    'test/fixtures/labs/invalid-references/broken.yaml:3:22 Map keys must be unique (correct the YAML)',
    'test/fixtures/labs/invalid-references/broken.yaml:5:1 apiVersion: is missing (every object needs it)',
    'test/fixtures/labs/invalid-references/broken.yaml:13:15 spec.egress[0].action: "allow" is not one of Allow, Deny, Log, Pass (did you mean Allow?)',
    expect.stringMatching(/broken\.yaml:11:13 spec\.selector: .* a single "=" is no operator/),
    expect.stringMatching(
      /lab\.yaml:10:38 spec\.steps\[0\]\.apply\[0\]\.values\.port: the template has no such parameter/,
    ),
    expect.stringMatching(
      /lab\.yaml:10:32 spec\.steps\[0\]\.apply\[0\]\.values\.namespace: "Shop" is not a DNS label/,
    ),
    expect.stringMatching(
      /lab\.yaml:11:11 spec\.steps\[0\]\.apply\[1\].*: no policy template is called default-dney/,
    ),
    `${file}:12:17 spec.steps[0].apply[2].file: there is no file ../valid-small/workloads.yaml (put it into the folder of the lab)`,
    `${file}:14:13 spec.steps[0].apply[3].manifest: metadata.name: is missing (every object needs it)`,
    expect.stringMatching(
      /lab\.yaml:18:9 spec\.steps\[0\]\.expect: others is missing, and step first put a default deny/,
    ),
    `${file}:18:16 spec.steps[0].expect.ports: TCP/0 is no port (write PROTOCOL/PORT, e.g. TCP/80)`,
    expect.stringMatching(/lab\.yaml:20:36 spec\.steps\[0\]\.expect\.matrix: web is no destination/),
    expect.stringMatching(/lab\.yaml:21:25 spec\.steps\[0\]\.expect\.matrix: alow is no expectation/),
    expect.stringMatching(/lab\.yaml:22:11 spec\.steps\[0\]\.expect\.matrix: client is no source/),
    expect.stringMatching(
      /lab\.yaml:22:11 spec\.steps\[0\]\.expect\.matrix: this row has 1 cells, the header 2/,
    ),
    `${file}:23:13 spec.steps[1].name: another step has this name (choose another)`,
    `${file}:24:24 spec.steps[1].delete[0].step: later is no earlier step (there are: first)`,
    expect.stringMatching(/lab\.yaml:25:56 spec\.steps\[1\]\.run\[0\]\.output: Invalid regular expression/),
    expect.stringMatching(/lab\.yaml:26:17 spec\.steps\[1\]\.explain\[0\]\.port: is missing or no port/),
  ])
})

test('an unknown id is not found, and says where to look', () => {
  expect(() => loadLab('calico-basic')).toThrow(
    expect.objectContaining({
      code: 'not-found',
      message: 'no lab is called calico-basic',
      hint: 'ztlab lab run calico-basics',
    }),
  )
  expect(() => loadLab('nothing-like-it')).toThrow(expect.objectContaining({ hint: 'ztlab lab list' }))
  expect(() => loadLab('./nowhere')).toThrow(
    expect.objectContaining({ message: 'there is no lab.yaml in ./nowhere' }),
  )
})

test.each(listLabs().map(({ id }) => id))('the lab %s that comes with ztlab is right', (id) => {
  expect(loadLab(id).steps.length).toBeGreaterThan(0)
})

test('labs are listed by id', () => {
  expect(listLabs()).toContainEqual(
    expect.objectContaining({
      id: 'calico-basics',
      level: 'beginner',
      folder: join(dataFolders().labs, 'calico-basics'),
    }),
  )
})

function problemsOf(name: string): string[] {
  try {
    loadLab(`test/fixtures/labs/${name}`)
  } catch (error) {
    if (isLabError(error)) return (error as LabError).problems
    throw error
  }
  return []
}
