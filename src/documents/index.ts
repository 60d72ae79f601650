/** Files of Kubernetes objects: read whole, checked, every value with its place. */
export { type LoadedDocument, type LoadedDocuments, type LoadOptions, loadDocuments } from './load.ts'
export { type ObjectProblem, type ReadObject, readObjects, syntaxProblems } from './object-documents.ts'
export { type ObjectInText, type Place, parseObjects, type TextProblem } from './parse-objects.ts'
