import type { Part } from '../backend.ts'
import { api } from './api.ts'
import { context, contextEnding } from './context.ts'
import { exec } from './exec.ts'
import { failures } from './failures.ts'
import { flows } from './flows.ts'
import { hostPorts } from './host-ports.ts'
import { lab } from './lab.ts'
import { ending, lifecycle } from './lifecycle.ts'
import { matrix } from './matrix.ts'
import { node } from './node.ts'
import { policies } from './policies.ts'
import { randomPolicies } from './random-policies.ts'
import { rights } from './rights.ts'
import { services } from './services.ts'

/** Everything, in its order: as long as no policy was written, a cluster need not prove that it enforces any. */
export const everything: Record<string, Part> = {
  lifecycle,
  api,
  exec,
  matrix,
  services,
  node,
  flows,
  hostPorts,
  policies,
  randomPolicies,
  lab,
  ending,
}

/** Everything on a cluster that is reached by a context: the API and its controllers are its own affair. */
export const everythingOnContexts: Record<string, Part> = {
  context,
  exec,
  matrix,
  services,
  node,
  flows,
  policies,
  lab,
  rights,
  contextEnding,
}

/** Everything, and what happens when containers that are nodes are hurt. */
export const everythingOnKind: Record<string, Part> = (({ ending, ...rest }) => ({
  ...rest,
  failures,
  ending,
}))(everything as typeof everything & { ending: Part })
