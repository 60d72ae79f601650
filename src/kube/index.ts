export { runLabel } from './apply.ts'
export type {
  ApplyOptions,
  DeleteOptions,
  ExecOutcome,
  ExecRequest,
  KubeClient,
  ListOptions,
  RawRequest,
  WaitOptions,
} from './client.ts'
export { connectKube, preloadKube } from './connect.ts'
