import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { LabError } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import type { Edge } from '../matrix/index.ts'
import { parsePort } from '../matrix/index.ts'
import { mostSimilar } from '../policy/index.ts'
import { readTextFile } from '../text-file.ts'
import { parseYamlSource, type SourceProblem, type YamlPath, type YamlSource } from '../yaml-source.ts'
import { readExpected } from './expected.ts'
import { dataFolders } from './folders.ts'
import type { Lab, Manifest, ObjectRef, Step } from './lab.ts'
import { checkLabFile, type LabFile, type StepFile } from './lab-file.ts'
import { listLabs } from './list-labs.ts'
import { Manifests } from './manifests.ts'
import { displayPath } from './templates/index.ts'

/**
 * The lab of this id, or of this folder or `lab.yaml` (whatever has a slash or exists), ready to run: every template
 * rendered, every file read, every matrix parsed. Throws `not-found`, or `bad-input` with every problem of the lab and
 * of the files it uses.
 */
export function loadLab(
  idOrPath: string,
  data: { labs: string; policies: string; manifests: string } = dataFolders(),
): Lab {
  const path = findLab(idOrPath, data.labs)
  const shown = displayPath(path)
  const source = parseYamlSource(shown, readTextFile(path, shown))
  if (source.syntaxProblems.length > 0) throw badLab(shown, source.syntaxProblems)
  const { file, problems } = checkLabFile(source.data)
  if (!file) throw badLab(shown, problems.map(source.locate))
  return new LabReader(file, source, dirname(path), data).read(shown)
}

function findLab(idOrPath: string, labs: string): string {
  const isPath = /[/\\]|^\.+$/.test(idOrPath)
  const folder = isPath ? resolve(idOrPath) : join(labs, idOrPath)
  const file = existsSync(folder) && statSync(folder).isFile() ? folder : join(folder, 'lab.yaml')
  if (existsSync(file)) return file
  const similar = isPath
    ? undefined
    : mostSimilar(
        idOrPath,
        listLabs(labs).map(({ id }) => id),
      )
  throw new LabError({
    code: 'not-found',
    message: isPath ? `there is no lab.yaml in ${idOrPath}` : `no lab is called ${idOrPath}`,
    cause: isPath ? undefined : 'a lab is an id from the list, or the path of a folder (./my-lab)',
    hint: similar ? `ztlab lab run ${similar}` : 'ztlab lab list',
  })
}

function badLab(file: string, problems: string[]): LabError {
  return new LabError({
    code: 'bad-input',
    message: `${file} is not right`,
    problems,
    hint: 'see docs/labs.md',
  })
}

/** Turns the file into a lab, collecting what is wrong on the way. */
class LabReader {
  private readonly problems: string[] = []
  private readonly manifests: Manifests
  /** What each step applied, by its name: what `delete: [{step}]` removes. */
  private readonly appliedBy = new Map<string, ObjectRef[]>()
  /** Steps whose default-deny is in force. */
  private readonly denying = new Set<string>()

  constructor(
    private readonly file: LabFile,
    private readonly source: YamlSource,
    private readonly folder: string,
    data: { policies: string; manifests: string },
  ) {
    this.manifests = new Manifests({ folder, ...data })
  }

  read(shown: string): Lab {
    const { metadata, spec } = this.file
    const manifests = spec.manifests.flatMap((name, index) =>
      this.collect(['spec', 'manifests', index], () => this.manifests.readFile(name)),
    )
    const pods = podsOf(manifests.flatMap(({ objects }) => objects))
    const steps = spec.steps.map((step, index) => this.readStep(step, ['spec', 'steps', index], pods))
    if (metadata.name !== basename(this.folder) && dirname(this.folder) === dataFolders().labs) {
      this.complain({
        path: ['metadata', 'name'],
        problem: `is not the folder's name`,
        fix: `write ${basename(this.folder)}`,
      })
    }
    if (this.problems.length > 0) throw badLab(shown, this.problems)
    return {
      id: metadata.name,
      title: metadata.title,
      level: metadata.level,
      minutes: metadata.minutes,
      seeds: metadata.seeds,
      intro: spec.intro ?? null,
      folder: this.folder,
      nodes: spec.cluster.nodes,
      requires: spec.cluster.requires,
      probeTimeoutMs: spec.probeTimeoutMs ?? null,
      manifests,
      steps,
    }
  }

  private readStep(step: StepFile, path: YamlPath, pods: string[]): Step {
    if (this.appliedBy.has(step.name)) {
      this.complain({ path: [...path, 'name'], problem: 'another step has this name', fix: 'choose another' })
    }
    const deleted = step.delete.flatMap((action, index) =>
      this.readDelete(action, [...path, 'delete', index]),
    )
    const apply = step.apply.flatMap((action, index) => {
      const at = [...path, 'apply', index]
      if ('template' in action) {
        if (action.template.startsWith('default-deny')) this.denying.add(step.name)
        return this.collect(at, () => this.manifests.render(action.template, action.values))
      }
      if ('file' in action) return this.collect([...at, 'file'], () => this.manifests.readFile(action.file))
      return this.collect([...at, 'manifest'], () => this.manifests.inline(action.manifest))
    })
    this.appliedBy.set(
      step.name,
      apply.flatMap(({ objects }) => objects.map(refOf)),
    )
    return {
      name: step.name,
      title: step.title ?? step.name,
      teach: step.teach ?? null,
      look: step.look ?? null,
      mistake: step.mistake,
      apply,
      delete: deleted,
      run: step.run.map((action, index) => ({
        pod: action.pod,
        container: action.container ?? null,
        command: action.command,
        code: action.code ?? null,
        output: this.readPattern(action.output, [...path, 'run', index, 'output']),
        timeoutMs: action.timeoutMs,
      })),
      expect: this.readExpect(step, path, pods),
      explain: step.explain.map((edge, index) => this.readEdge(edge, [...path, 'explain', index])),
      inspect: step.inspect.map(({ pod }) => pod),
      hints: step.hints,
    }
  }

  private readExpect(step: StepFile, path: YamlPath, pods: string[]): Step['expect'] {
    if (!step.expect) return null
    const at = [...path, 'expect']
    if (this.denying.size > 0 && step.expect.others === undefined) {
      this.complain({
        path: at,
        problem: `others is missing, and step ${[...this.denying][0]} put a default deny in force`,
        fix: 'say what holds for every edge that the table leaves out: others: deny',
      })
    }
    const { expected, problems } = readExpected(step.expect, pods)
    for (const problem of problems) this.complain({ ...problem, path: [...at, ...problem.path] })
    return expected
  }

  private readDelete(action: StepFile['delete'][number], path: YamlPath): ObjectRef[] {
    if (!('step' in action)) return [action]
    const applied = this.appliedBy.get(action.step)
    if (!applied) {
      const earlier = [...this.appliedBy.keys()].join(', ') || 'none'
      this.complain({
        path: [...path, 'step'],
        problem: `${action.step} is no earlier step`,
        fix: `there are: ${earlier}`,
      })
    }
    this.denying.delete(action.step)
    return applied ?? []
  }

  private readPattern(text: string | undefined, path: YamlPath): RegExp | null {
    if (text === undefined) return null
    try {
      return new RegExp(text, 'm')
    } catch (error) {
      this.complain({ path, problem: String((error as Error).message), fix: 'write a regular expression' })
      return null
    }
  }

  private readEdge({ from, to, port }: { from: string; to: string; port?: string }, path: YamlPath): Edge {
    const parsed = parsePort(port ?? 'UDP/53')
    if (!parsed || (!port && !to.startsWith('dns:'))) {
      this.complain({
        path: [...path, 'port'],
        problem: 'is missing or no port',
        fix: 'write PROTOCOL/PORT, e.g. TCP/80',
      })
    }
    return { from, to, ...(parsed ?? { protocol: 'TCP', port: 0 }) }
  }

  /** Runs a reader of another file; what is wrong there is placed here, or keeps its own place. */
  private collect(path: YamlPath, read: () => Manifest): Manifest[] {
    const { manifest, problems, located } = this.manifests.attempt(read)
    this.problems.push(...located)
    for (const problem of problems) this.complain({ ...problem, path: [...path, ...problem.path] })
    return manifest ? [manifest] : []
  }

  private complain(problem: SourceProblem): void {
    this.problems.push(this.source.locate(problem))
  }
}

function refOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace }
}

/** What a table can name of these objects: pods, and workloads by their own name. */
function podsOf(objects: KubernetesObject[]): string[] {
  return objects
    .filter(({ kind }) => ['Pod', 'Deployment', 'DaemonSet', 'StatefulSet'].includes(kind))
    .map(
      (object) =>
        describeObject({ ...object, metadata: { namespace: 'default', ...object.metadata } }).split(' ')[1]!,
    )
}
