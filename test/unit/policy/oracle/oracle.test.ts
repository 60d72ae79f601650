import { buildModel, type DirectionVerdict, evaluate } from '../../../../src/policy/index.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { decide } from './oracle.ts'
import { engineFlow, randomFlow } from './random-flow.ts'
import { readWorld } from './world.ts'

const sets = scaled(250)
const flowsPerSet = 200

/**
 * A naive evaluator that shares no code with the engine answers random flows on random clusters and policies. To
 * repeat a run: ZTLAB_SEED=<seed in the title>; for a longer one: ZTLAB_RANDOM_SCALE.
 */
test.each(seeds)(
  `the engine agrees with a naive evaluator on ${sets * flowsPerSet} edges, seed %i`,
  (seed) => {
    const random = new Random(seed)
    const count = { allowed: 0, denied: 0 }
    for (let set = 0; set < sets; set++) {
      const policies = randomPolicies(random)
      const objects = [...randomCluster(random), ...policies]
      const model = buildModel(objects)
      expect(model.unsupported.filter((text) => text.includes('not valid'))).toEqual([])
      const world = readWorld(objects)
      for (let index = 0; index < flowsPerSet; index++) {
        const flow = randomFlow(random, world)
        const pending = random.chance(0.2)
        const wanted = decide(world, flow, pending)
        const { egress, ingress, verdict, reason } = evaluate(model, engineFlow(flow), { pending })
        const got = { egress: said(egress), ingress: said(ingress) }
        if (got.egress !== wanted.egress || got.ingress !== wanted.ingress)
          throw new Error(report({ set, flow, pending, wanted, got, reason }, objects))
        count[verdict]++
      }
    }
    expect(Math.min(count.allowed, count.denied)).toBeGreaterThan((sets * flowsPerSet) / 10)
  },
)

/** A host that allows says as much as one that is not asked. */
function said(side: DirectionVerdict | null): boolean | null {
  if (side?.verdict === 'denied') return false
  return side?.stage === 'pod' ? true : null
}

/** The disagreement and its objects, one per line, to be pasted. */
function report(what: object, objects: object[]): string {
  return [what, ...objects].map((one) => JSON.stringify(one)).join('\n')
}
