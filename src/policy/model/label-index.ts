import { compileSelector, type Selector } from '../selector.ts'
import type { LabelClass } from './endpoint.ts'

/** Finds the classes that a selector selects without asking each of them. */
export class LabelIndex {
  private byLabel: Map<string, Map<string, LabelClass[]>> | undefined

  /** `classes` may grow until the first question. */
  constructor(private readonly classes: readonly LabelClass[]) {}

  selected(selector: Selector): LabelClass[] {
    const selects = compileSelector(selector)
    return (this.candidates(selector) ?? this.classes).filter(({ labels }) => selects(labels))
  }

  /** All that the selector can select and perhaps more; undefined for all classes. */
  private candidates(selector: Selector): readonly LabelClass[] | undefined {
    switch (selector.op) {
      case '==':
        return this.values(selector.label).get(selector.value) ?? []
      case 'in':
        return [...new Set(selector.values)].flatMap((value) => this.values(selector.label).get(value) ?? [])
      case 'and':
        return this.candidates(this.narrowest(selector.operands))
      case 'or': {
        const parts = selector.operands.map((operand) => this.candidates(operand))
        return parts.every((part) => part !== undefined) ? [...new Set(parts.flat())] : undefined
      }
      default:
        return undefined
    }
  }

  /** Of terms that must all hold, the one that leaves the fewest candidates. */
  private narrowest(operands: Selector[]): Selector {
    const sizes = operands.map((operand) => this.size(operand))
    return operands[sizes.indexOf(Math.min(...sizes))]!
  }

  /** How many candidates a selector has at most, without listing them. */
  private size(selector: Selector): number {
    switch (selector.op) {
      case '==':
        return this.values(selector.label).get(selector.value)?.length ?? 0
      case 'in': {
        const values = this.values(selector.label)
        return selector.values.reduce((sum, value) => sum + (values.get(value)?.length ?? 0), 0)
      }
      case 'and':
        return Math.min(...selector.operands.map((operand) => this.size(operand)))
      case 'or':
        return selector.operands.reduce((sum, operand) => sum + this.size(operand), 0)
      default:
        return this.classes.length
    }
  }

  private values(label: string): Map<string, LabelClass[]> {
    this.byLabel ??= indexOf(this.classes)
    return this.byLabel.get(label) ?? none
  }
}

const none = new Map<string, LabelClass[]>()

function indexOf(classes: readonly LabelClass[]): Map<string, Map<string, LabelClass[]>> {
  const byLabel = new Map<string, Map<string, LabelClass[]>>()
  for (const labelClass of classes)
    for (const [label, value] of labelClass.labels) {
      const values = byLabel.get(label) ?? new Map<string, LabelClass[]>()
      byLabel.set(label, values)
      const owners = values.get(value)
      if (owners) owners.push(labelClass)
      else values.set(value, [labelClass])
    }
  return byLabel
}
