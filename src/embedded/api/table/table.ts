import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { type Column, groupVersion, type Kind } from '../kind.ts'
import { cells, cellValue, commonCells } from './cells.ts'
import { age } from './duration.ts'

export interface TableOptions {
  /** Of the list: its version, and where the next page begins. */
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  /** What each row carries of its object. */
  includeObject: string
  /** Left out in the later events of a watch. */
  omitColumns?: boolean
}

/** meta.k8s.io/v1 Table: what `kubectl get` prints. */
export function tableOf(kind: Kind, objects: KubernetesObject[], options: TableOptions): object {
  const columns = columnsOf(kind)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.omitColumns ? null : columns.map(definition),
    rows: objects.map((object) => ({
      cells: columns.map((column) => cell(column, object)),
      object: rowObject(kind, object, options.includeObject),
    })),
  }
}

function columnsOf(kind: Kind): Column[] {
  const { published, columns = [] } = kind
  if (!published) return ownColumns(columns, kind.openApi !== undefined && columns.length > 0)
  const known = { ...commonCells, ...cells[cellsKey(kind)] }
  return published.columns.map(({ name, type, format, priority }) => ({
    name,
    type: type as Column['type'],
    format,
    wide: priority > 0,
    value: (object) => cellValue(known[name], object),
  }))
}

/** Cells do not differ between the versions of a group. */
function cellsKey({ group, version, plural }: Kind): string {
  return group ? `${group}/${plural}` : `api/${version}/${plural}`
}

/** Name first, age last, unless the kind has an age of its own. */
function ownColumns(columns: Column[], isDefined: boolean): Column[] {
  const named: Column = { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name }
  // A definition that names columns names them all.
  const hasAge = isDefined || columns.some(({ name }) => name.toLowerCase() === 'age')
  const aged: Column = {
    name: 'Age',
    type: 'date',
    value: ({ metadata }) => metadata.creationTimestamp ?? '',
  }
  return [named, ...columns, ...(hasAge ? [] : [aged])]
}

function definition({ name, type, format, wide }: Column): object {
  const shown = type === 'date' && name === 'Age' ? 'string' : (type ?? 'string')
  return { name, type: shown, format: format ?? '', description: '', priority: wide ? 1 : 0 }
}

function cell(column: Column, object: KubernetesObject): string | number | boolean {
  const value = column.value(object)
  return column.type === 'date' && column.name !== 'Created At' ? age(String(value)) : value
}

function rowObject(kind: Kind, object: KubernetesObject, includeObject: string): object | undefined {
  if (includeObject === 'None') return undefined
  // Of a row nothing else says what it is, as a list does of its items: without, kubectl can sort none.
  if (includeObject === 'Object') return { ...object, kind: kind.kind, apiVersion: groupVersion(kind) }
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}
