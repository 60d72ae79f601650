export { contextBackend } from './backend.ts'
export type { ContextChoice } from './choice.ts'
export { listContexts } from './kubeconfig.ts'
