export { runLabel } from './apply.ts'
export type {
  ApplyOptions,
  DeleteOptions,
  EphemeralRequest,
  ExecOutcome,
  ExecRequest,
  KubeClient,
  ListOptions,
  PortForwardRequest,
  RawRequest,
  WaitOptions,
} from './client.ts'
export { connectKube, preloadKube } from './connect.ts'
export { wasRefused } from './status.ts'
