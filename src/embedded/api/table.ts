import type { KubernetesObject } from '../../kubernetes-object.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Column, Kind } from './kind.ts'

export interface TableOptions {
  resourceVersion?: string
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
    metadata: { resourceVersion: options.resourceVersion },
    columnDefinitions: options.omitColumns ? null : columns.map(definition),
    rows: objects.map((object) => ({
      cells: columns.map((column) => cell(column, object)),
      object: rowObject(object, options.includeObject),
    })),
  }
}

/** Name first; age behind the narrow ones, unless the kind has its place for it. An Event has neither. */
function columnsOf({ columns = [], kind }: Kind): Column[] {
  if (kind === 'Event') return columns
  if (columns.includes(ageColumn)) return [nameColumn, ...columns]
  const narrow = columns.filter((column) => !column.wide)
  const wide = columns.filter((column) => column.wide)
  return [nameColumn, ...narrow, ageColumn, ...wide]
}

function definition({ name: title, type, wide }: Column): object {
  const format = title === 'Name' ? 'name' : ''
  return {
    name: title,
    type: type === 'date' ? 'string' : (type ?? 'string'),
    format,
    description: '',
    priority: wide ? 1 : 0,
  }
}

function cell(column: Column, object: KubernetesObject): string | number {
  const value = column.value(object)
  return column.type === 'date' ? ageText(String(value)) : value
}

function rowObject(object: KubernetesObject, includeObject: string): object | undefined {
  if (includeObject === 'None') return undefined
  if (includeObject === 'Object') return object
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}

/** An age as kubectl writes it: `35s`, `4m10s`, `3h20m`, `2d`. */
export function ageText(since: string, now: number = Date.now()): string {
  const at = Date.parse(since)
  if (Number.isNaN(at)) return '<unknown>'
  const seconds = Math.max(0, Math.floor((now - at) / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  return days < 8 ? joined(days, 'd', hours % 24, 'h') : `${days}d`
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small ? `${large}${largeUnit}${small}${smallUnit}` : `${large}${largeUnit}`
}
