import { type FlowRecord, policyKey } from '../../embedded/flow-record.ts'
import type { KubeClient } from '../../kube/index.ts'
import type { PolicyHit } from '../flow.ts'

/** What the policies are called that records of the kernel's log name. */
export interface PolicyBook {
  hitOf(record: FlowRecord): PolicyHit
}

type Place = Omit<PolicyHit, 'action' | 'trigger'>

/** Kinds as Calico's flow log has them, by the first part of a policy's id. */
const kinds: Record<string, { apiVersion: string; kind: string; shown: string }> = {
  np: calico('NetworkPolicy', 'CalicoNetworkPolicy'),
  gnp: calico('GlobalNetworkPolicy'),
  snp: calico('StagedNetworkPolicy'),
  sgnp: calico('StagedGlobalNetworkPolicy'),
  sknp: calico('StagedKubernetesNetworkPolicy'),
  knp: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', shown: 'NetworkPolicy' },
  kcnp: {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    shown: 'ClusterNetworkPolicy',
  },
}

function calico(kind: string, shown = kind) {
  return { apiVersion: 'projectcalico.org/v3', kind, shown }
}

export async function readPolicyBook(kube: KubeClient): Promise<PolicyBook> {
  const lists = await Promise.all(
    Object.entries(kinds).map(async ([short, { apiVersion, kind, shown }]) => {
      const policies = await kube.list(apiVersion, kind)
      return policies.map(({ metadata: { namespace = null, name }, spec }) => {
        const id = [short, ...(namespace === null ? [] : [namespace]), name].join('/')
        const place: Place = { kind: shown, namespace, name, tier: tierOf(spec?.tier) }
        return [policyKey(id), place] as const
      })
    }),
  )
  const places = new Map(lists.flat())
  return {
    hitOf: ({ policy, rule, action: word }) => {
      const action = { allow: 'Allow', deny: 'Deny', pass: 'Pass' }[word]
      if (policy === null || policy.startsWith('pro/')) return { ...profile(policy), action, trigger: null }
      const place = places.get(policy) ?? placeOf(policy)
      if (rule !== null) return { ...place, action, trigger: null }
      return { kind: 'EndOfTier', namespace: null, name: null, tier: place.tier, action, trigger: place }
    },
  }
}

/** Tiers of ClusterNetworkPolicies have names of their own. */
function tierOf(tier: string | undefined): string {
  if (tier === 'Admin') return 'kube-admin'
  return tier === 'Baseline' ? 'kube-baseline' : (tier ?? 'default')
}

function profile(policy: string | null): Place {
  return { kind: 'Profile', namespace: null, name: policy?.slice('pro/'.length) ?? null, tier: null }
}

/** Of a policy that is gone: what its id says. */
function placeOf(id: string): Place {
  const [short = '', ...rest] = id.split('/')
  const [name, namespace = null] = rest.reverse()
  return { kind: kinds[short]?.shown ?? short, namespace, name: name ?? null, tier: null }
}
