import { parseObjects } from '../../documents/index.ts'
import { isLabError, LabError } from '../../errors.ts'
import { describeObject } from '../../kubernetes-object.ts'
import type { YamlPath } from '../../yaml-source.ts'
import type { Manifest } from '../lab.ts'

/**
 * What the API server refused, each problem with `file:line:col` in front where a file holds the object: some mistakes
 * only the API server knows. Any other error is returned as it is.
 */
export function withPlaces(error: unknown, manifests: Manifest[]): unknown {
  if (!isLabError(error) || error.code !== 'bad-input') return error
  const { code, message, cause, hint } = error
  const problems = error.problems.flatMap((problem) => withPlace(problem, manifests))
  return new LabError({ code, message, cause, hint, problems })
}

/** `Pod shop/web: spec.nodeName: …`, once per field that it names. */
function withPlace(problem: string, manifests: Manifest[]): string[] {
  for (const { file, yaml } of manifests) {
    if (file === null) continue
    for (const { object, placeOf } of parseObjects(yaml).objects) {
      const name = `${describeObject(object)}: `
      if (!problem.startsWith(name)) continue
      return fieldsIn(problem.slice(name.length)).map(({ path, text }) => {
        const { line, column } = placeOf(path)
        return `${file}:${line}:${column} ${name}${text}`
      })
    }
  }
  return [problem]
}

/** The fields that an API server's words are about. Unknown ones come several in a sentence. */
function fieldsIn(text: string): { path: YamlPath; text: string }[] {
  const unknown = [...text.matchAll(/unknown field "([^"]+)"/g)]
  if (unknown.length > 0) return unknown.map(([said, field]) => ({ path: pathOf(field!), text: said }))
  const [, field = ''] = /^([\w.[\]]+): /.exec(text) ?? []
  return [{ path: pathOf(field), text }]
}

/** `spec.ports[0].port` as the steps that lead there. */
function pathOf(field: string): YamlPath {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([word, index]) =>
    index === undefined ? word : Number(index),
  )
}
