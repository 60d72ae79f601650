import { Fuzzing } from '../../fuzz/fuzz.ts'
import { FuzzCluster } from '../../fuzz/fuzz-cluster.ts'
import { Random, seeds } from '../../support/random-policies/random.ts'
import { type Part, testPolicies } from '../backend.ts'

/** Every kind of policy that the engine knows, by its group and kind. */
const kinds = [
  'networking.k8s.io/v1 NetworkPolicy',
  'projectcalico.org/v3 NetworkPolicy',
  'projectcalico.org/v3 GlobalNetworkPolicy',
  'projectcalico.org/v3 StagedNetworkPolicy',
  'projectcalico.org/v3 StagedGlobalNetworkPolicy',
  'projectcalico.org/v3 StagedKubernetesNetworkPolicy',
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy',
]

/** Enough to be wrong in, few enough for a cluster where each probe is a process. */
const extent = { sources: 4, questionsPerSource: 12 }

/** Sets of the fuzzer's generator with each kind among them: packets do what the engine predicts. */
export const randomPolicies: Part = (world, backend) => {
  const seed = seeds[0]!
  let fuzzing: Promise<Fuzzing> | undefined
  const begin = async () => {
    const random = new Random(seed)
    return new Fuzzing(await FuzzCluster.on(world().cluster, random), random, seed, extent)
  }

  for (const wanted of kinds) {
    testPolicies(backend, `random policies, with ${wanted}: packets do what is predicted`, async () => {
      fuzzing ??= begin()
      const sets = await fuzzing
      const found: (string | null)[] = []
      for (let set = 0; set < 2; set++) {
        found.push(
          await sets.next(({ objects }) =>
            objects.some(({ apiVersion, kind }) => `${apiVersion} ${kind}` === wanted),
          ),
        )
      }
      expect(found).toEqual([null, null])
    })
  }

  testPolicies(
    backend,
    'random policies: some were allowed, some denied, and nothing of them is left',
    async () => {
      const sets = await fuzzing!
      expect(Math.min(sets.result.allowed, sets.result.denied)).toBeGreaterThan(50)
      await sets.leave()
      const { kube } = world()
      const left = await Promise.all(kinds.map((kind) => kube.list(...(kind.split(' ') as [string, string]))))
      const canary = /^ztlab-canary/
      expect(
        left
          .flat()
          .filter(({ metadata }) => !canary.test(metadata.namespace ?? metadata.name))
          .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ).toEqual([])
    },
  )
}
