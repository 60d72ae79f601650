import type { Schema } from '../schema.ts'

export const stringMap: Schema = { map: 'string' }

/** `metadata`, of every kind. */
export const metadataSchema: Schema = {
  fields: {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    selfLink: 'string',
    uid: 'string',
    resourceVersion: 'string',
    generation: 'integer',
    creationTimestamp: 'string',
    deletionTimestamp: 'string',
    deletionGracePeriodSeconds: 'integer',
    labels: stringMap,
    annotations: stringMap,
    ownerReferences: { list: 'any', mergeKey: 'uid' },
    finalizers: { list: 'string', set: true },
    managedFields: { list: 'any' },
  },
}

/** metav1.LabelSelector. */
export const labelSelectorSchema: Schema = {
  fields: {
    matchLabels: stringMap,
    matchExpressions: {
      list: {
        fields: { key: 'string', operator: 'string', values: { list: 'string' } },
        required: ['key', 'operator'],
      },
    },
  },
}

/** `status.conditions` and its like. */
export const conditionsSchema: Schema = { list: 'any', mergeKey: 'type' }
