export { answer, decide, type EvaluateOptions, evaluate, guardDecider } from './evaluate.ts'
export { type Flow, type NodePort, type Packet, packetOf } from './flow.ts'
export type { Gate, PodWalk, Walk } from './gate.ts'
export {
  type Criterion,
  concernsPacket,
  type Ends,
  portUse,
  refusedPorts,
  unmetCriteria,
  wantedPorts,
} from './match.ts'
export { partyOf } from './place.ts'
export { guard, podWalk, type Question, questionOf } from './question.ts'
export { askedText, decisionText } from './reason.ts'
export type { Decider, DirectionVerdict, FlowVerdict, Hit } from './verdict.ts'
export { endDecider, plansOf, profileDecider, ruleDecider, walkPod } from './walk.ts'
