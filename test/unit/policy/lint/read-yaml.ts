import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

/** The documents of a text as they are written. */
export function readYaml(text: string): KubernetesObject[] {
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return []
  return documents.map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS() as KubernetesObject
  })
}
