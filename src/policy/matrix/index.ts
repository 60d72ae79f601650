export type { Actor } from './actor.ts'
export type { ActorClass } from './classes.ts'
export {
  type ConnectionMatrix,
  type ConnectionProtocol,
  type Connections,
  connectionMatrix,
  connectionProtocols,
} from './connections.ts'
export { type CellCount, countCells } from './count.ts'
export {
  type MatrixCell,
  type MatrixPort,
  type PolicyMatrix,
  type PortMatrix,
  policyMatrix,
  verdicts,
} from './matrix.ts'
export type { Decision } from './rows.ts'
