import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Problems } from './problem.ts'
import { validateCalicoPolicy } from './validate-calico.ts'
import { validateClusterPolicy } from './validate-cluster.ts'
import { validateHostEndpoint, validateNetworkSet, validateTier } from './validate-infrastructure.ts'
import { validateKubernetesPolicy } from './validate-kubernetes.ts'

type Validator = (object: KubernetesObject, problems: Problems) => void

const validators: Record<string, Validator> = {
  'networking.k8s.io/v1 NetworkPolicy': validateKubernetesPolicy,
  'projectcalico.org/v3 StagedKubernetesNetworkPolicy': validateKubernetesPolicy,
  'projectcalico.org/v3 NetworkPolicy': validateCalicoPolicy,
  'projectcalico.org/v3 GlobalNetworkPolicy': validateCalicoPolicy,
  'projectcalico.org/v3 StagedNetworkPolicy': validateCalicoPolicy,
  'projectcalico.org/v3 StagedGlobalNetworkPolicy': validateCalicoPolicy,
  'projectcalico.org/v3 Tier': validateTier,
  'projectcalico.org/v3 NetworkSet': validateNetworkSet,
  'projectcalico.org/v3 GlobalNetworkSet': validateNetworkSet,
  'projectcalico.org/v3 HostEndpoint': validateHostEndpoint,
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': validateClusterPolicy,
}

/** What an object says that its kind's rules forbid; types are right by now and defaults applied. */
export function validate(object: KubernetesObject, namespaced: boolean, problems: Problems): void {
  validateName(object, namespaced, problems)
  validators[`${object.apiVersion} ${object.kind}`]!(object, problems)
}

const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const prefixed = /^(knp|ossg)\.default\./

function validateName(
  { metadata, kind, apiVersion }: KubernetesObject,
  namespaced: boolean,
  problems: Problems,
): void {
  const { name, namespace, generateName } = metadata
  const path = ['metadata', 'name']
  if (!name && !generateName) problems.add(path, 'is required')
  else if (name && (!dnsSubdomain.test(name) || name.length > 253))
    problems.add(path, `${JSON.stringify(name)} is not a DNS subdomain of at most 253 characters`)
  else if (name && isCalicoPolicy(apiVersion, kind) && tooManyDots(name, namespaced))
    problems.add(path, 'a Calico policy name has at most one dot')
  if (!namespaced && namespace !== undefined)
    problems.add(['metadata', 'namespace'], `${kind} is not namespaced`, 'remove it')
  if (namespaced && !dnsLabel.test(namespace!))
    problems.add(['metadata', 'namespace'], `${JSON.stringify(namespace)} is not a DNS label`)
}

function isCalicoPolicy(apiVersion: string, kind: string): boolean {
  return apiVersion.startsWith('projectcalico.org/') && kind.endsWith('NetworkPolicy')
}

function tooManyDots(name: string, namespaced: boolean): boolean {
  const checked = namespaced ? name.replace(prefixed, '') : name
  return checked.split('.').length > 2
}
