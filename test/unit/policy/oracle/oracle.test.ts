import { buildModel, evaluate, type Flow } from '../../../../src/policy/index.ts'
import { Random, seeds } from '../../../support/random-policies/random.ts'
import {
  outside,
  outsideSix,
  portNumbers,
  randomCluster,
} from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { decide, type OracleFlow } from './oracle.ts'
import { readWorld, type World } from './world.ts'

const sets = Number(process.env.ZTLAB_ORACLE_SETS ?? 250)
const flowsPerSet = 200

/**
 * A naive evaluator that shares no code with the engine answers random flows on random clusters and policies. To
 * repeat a run: ZTLAB_SEED=<seed in the title>; for a longer one: ZTLAB_ORACLE_SETS.
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
        const got = {
          egress: egress && egress.verdict === 'allowed',
          ingress: ingress && ingress.verdict === 'allowed',
        }
        if (got.egress !== wanted.egress || got.ingress !== wanted.ingress)
          throw new Error(report({ set, flow, pending, wanted, got, reason }, objects))
        count[verdict]++
      }
    }
    expect(Math.min(count.allowed, count.denied)).toBeGreaterThan((sets * flowsPerSet) / 10)
  },
)

/** The disagreement and its objects, one per line, to be pasted. */
function report(what: object, objects: object[]): string {
  return [what, ...objects].map((one) => JSON.stringify(one)).join('\n')
}

function engineFlow({ from, to, protocol, port, icmp, viaService, six }: OracleFlow): Flow {
  const known = protocol as Flow['protocol']
  return {
    source: from,
    destination: to,
    protocol: protocol === '47' ? 47 : known,
    port,
    icmp,
    viaService,
    ipVersion: six ? 6 : 4,
  }
}

function randomFlow(random: Random, world: World): OracleFlow {
  const six = random.chance(0.2)
  const pods = world.owners
    .filter(({ type }) => type === 'pod')
    .map(({ namespace, name }) => `${namespace}/${name}`)
  const places = [...pods, ...pods, ...world.hosts.map(({ id }) => id), ...(six ? outsideSix : outside)]
  const protocol = random.pick(['TCP', 'TCP', 'TCP', 'UDP', 'UDP', 'SCTP', six ? 'ICMPv6' : 'ICMP', '47'])
  const icmp = { type: random.pick([0, 8, 128]), code: random.below(2) }
  const port = ['TCP', 'UDP', 'SCTP'].includes(protocol) ? random.pick(portNumbers) : 0
  return {
    from: random.pick(places),
    to: random.pick(places),
    protocol,
    port,
    icmp,
    viaService: random.chance(0.3),
    six,
  }
}
