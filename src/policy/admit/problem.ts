/** Something in an object that the API server would refuse. */
export interface FieldProblem {
  path: (string | number)[]
  message: string
  /** What to write instead. */
  fix?: string
}

export type Path = FieldProblem['path']

/** Collects what is wrong, so that all of it is told at once. */
export class Problems {
  readonly list: FieldProblem[] = []

  add(path: Path, message: string, fix?: string): void {
    this.list.push(fix === undefined ? { path, message } : { path, message, fix })
  }
}

/** `spec.ingress[0].ports[1]` */
export function pathText(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index > 0 ? `.${step}` : step))
    .join('')
}

/** `path: message (fix)`, on one line. */
export function formatProblem({ path, message, fix }: FieldProblem): string {
  return `${pathText(path)}: ${message}${fix ? ` (${fix})` : ''}`
}
