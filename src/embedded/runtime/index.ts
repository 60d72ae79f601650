export { allCapabilities, defaultCapabilities, type OciResources } from './bundle.ts'
export { ContainerLog, type LogLine, type LogQuery } from './container-log.ts'
export { type ExitStatus, ExitStatuses } from './exit-statuses.ts'
export {
  chainId,
  type Image,
  ImageStore,
  isReference,
  type Layers,
  type NewImage,
  type NewLayer,
  normalizeReference,
  prepareLayers,
} from './images/index.ts'
export { type ExecProcess, execRefusal, type FoundContainer, Runc, runcRoot } from './runc.ts'
export {
  type Container,
  type ContainerRequest,
  type PreparedContainer,
  Runtime,
  type Sandbox,
  type SandboxRequest,
} from './runtime.ts'
export { type Terminal, type TerminalSize, TerminalSource } from './terminal.ts'
