import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { apiTime } from '../../api-time.ts'
import type { AdmissionRequest, Column, Kind } from '../kind.ts'
import { patternOf } from '../pattern.ts'
import { type OpenApiSchema, schemaOf } from '../published/index.ts'
import { isFields } from '../schema.ts'
import type { Cause } from '../status-error.ts'
import { pathColumn } from '../table/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: parts of a definition that was checked against its schema
type Json = any

/** Fills a CustomResourceDefinition in and establishes it at once: nothing else has to accept its names. */
export function admitCustomResourceDefinition({ object, old, subresource, causes }: AdmissionRequest): void {
  // What is missing is said before anything is made of it.
  if (subresource || causes.length) return
  const { spec, metadata } = object
  const { names } = spec
  names.singular ??= names.kind.toLowerCase()
  names.listKind ??= `${names.kind}List`
  spec.conversion ??= { strategy: 'None' }
  const wanted = `${names.plural}.${spec.group}`
  if (metadata.name !== wanted) {
    const message = `Invalid value: "${metadata.name}": must be spec.names.plural+"."+spec.group`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'metadata.name' })
  }
  if (spec.versions.filter((each: Json) => each.storage).length !== 1) {
    const message = `Invalid value: ${JSON.stringify(spec.versions)}: must have exactly one version marked as storage version`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.versions' })
  }
  for (const [index, version] of spec.versions.entries()) {
    if (version.schema?.openAPIV3Schema) {
      const at = `spec.versions[${index}].schema.openAPIV3Schema`
      checkPatterns(version.schema.openAPIV3Schema, at, causes)
      continue
    }
    const field = `spec.versions[${index}].schema.openAPIV3Schema`
    causes.push({ reason: 'FieldValueRequired', message: 'Required value: schemas are required', field })
  }
  if (spec.conversion.strategy !== 'None') {
    const message = 'Forbidden: this miniature cluster calls no webhook: use strategy None'
    causes.push({ reason: 'FieldValueForbidden', message, field: 'spec.conversion.strategy' })
  }
  object.status = established(spec, old)
}

/** As a real API server says it of a structural schema. */
const untyped = 'Required value: must not be empty for specified object fields'

function checkPatterns(schema: OpenApiSchema, at: string, causes: Cause[]): void {
  const { pattern, properties = {}, items, additionalProperties } = schema
  const why = pattern === undefined ? undefined : patternOf(pattern)
  if (typeof why === 'string') {
    const message = `Invalid value: ${JSON.stringify(pattern)}: ${why}`
    causes.push({ reason: 'FieldValueInvalid', message, field: `${at}.pattern` })
  }
  for (const [name, each] of Object.entries(properties)) {
    const field = `${at}.properties[${name}]`
    if (each) checkPatterns(each, field, causes)
    else causes.push({ reason: 'FieldValueRequired', message: untyped, field: `${field}.type` })
  }
  if (items) checkPatterns(items, `${at}.items`, causes)
  if (additionalProperties && typeof additionalProperties === 'object')
    checkPatterns(additionalProperties, `${at}.additionalProperties`, causes)
}

function established(spec: Json, old: KubernetesObject | undefined): object {
  const lastTransitionTime = old?.status?.conditions?.[0]?.lastTransitionTime ?? apiTime()
  return {
    conditions: [
      {
        lastTransitionTime,
        message: 'no conflicts found',
        reason: 'NoConflicts',
        status: 'True',
        type: 'NamesAccepted',
      },
      {
        lastTransitionTime,
        message: 'the initial names have been accepted',
        reason: 'InitialNamesAccepted',
        status: 'True',
        type: 'Established',
      },
    ],
    acceptedNames: { ...spec.names },
    storedVersions: spec.versions.filter((each: Json) => each.storage).map((each: Json) => each.name),
  }
}

/** The kinds that a definition adds: one for each served version, all of them stored as one. */
export function customKinds({ spec }: KubernetesObject): Kind[] {
  const storage = spec.versions.find((each: Json) => each.storage)
  return spec.versions
    .filter((each: Json) => each.served)
    .map((version: Json) => customKind(spec, version, storage))
}

function customKind(spec: Json, version: Json, storage: Json): Kind {
  const { names, group } = spec
  const openApi: OpenApiSchema = version.schema.openAPIV3Schema
  const schema = schemaOf(openApi, () => true)
  const subresources = Object.keys(version.subresources ?? {})
  return {
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular,
    shortNames: names.shortNames,
    categories: names.categories,
    namespaced: spec.scope === 'Namespaced',
    isCustom: true,
    isInert: true,
    countsGenerations: true,
    storage:
      version === storage
        ? undefined
        : {
            resource: `apis/${group}/${storage.name}/${names.plural}`,
            load: (stored) => ({ ...stored, apiVersion: `${group}/${version.name}` }),
            save: (object) => ({ ...object, apiVersion: `${group}/${storage.name}` }),
          },
    schema: isFields(schema) ? schema.fields : {},
    isOpen: !isFields(schema) || schema.open,
    defaults: isFields(schema) ? schema.defaults : undefined,
    openApi,
    subresources,
    scalePaths: version.subresources?.scale,
    fieldSelectors: (version.selectableFields ?? []).map((each: Json) => each.jsonPath.replace(/^\./, '')),
    columns: (version.additionalPrinterColumns ?? []).map(
      ({ name, type, priority, jsonPath, format }: Json): Column => ({
        name,
        type,
        format,
        wide: priority > 0,
        value: (object) => pathColumn(object, jsonPath) ?? '',
      }),
    ),
  }
}
