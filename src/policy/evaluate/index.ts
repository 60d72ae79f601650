export { answer, type EvaluateOptions, evaluate, guardDecider } from './evaluate.ts'
export { type Flow, type Packet, packetOf } from './flow.ts'
export {
  type Criterion,
  concernsPacket,
  type Ends,
  portUse,
  refusedPorts,
  unmetCriteria,
  wantedPorts,
} from './match.ts'
export { partyOf, remoteAddress } from './place.ts'
export { guard, type Question, questionOf, type Walk } from './question.ts'
export { decisionText } from './reason.ts'
export type { Decider, DirectionVerdict, FlowVerdict, Hit } from './verdict.ts'
export { endDecider, profileDecider, ruleDecider, walk } from './walk.ts'
