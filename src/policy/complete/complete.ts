import { parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { buildModel, type Model, type ModelOptions } from '../model/index.ts'
import { podNetworksOf, podsWithoutAddress, undecidedNets, withAddresses } from './pod-addresses.ts'
import { serviceSlices } from './service-slices.ts'
import { workloadPods } from './workload-pods.ts'

export interface CompleteOptions extends ModelOptions {
  /** The block that pods without an address will get theirs from; default: that of the IPPools. */
  podNet?: string
}

/** A model of files, which rarely hold all that a cluster has. */
export interface CompletedModel {
  model: Model
  objects: KubernetesObject[]
  /** What was taken for granted, a sentence each. */
  assumptions: string[]
  /** Why nothing can be said, a sentence each: the model lacks addresses then. */
  problems: string[]
}

/**
 * A model with a pod for each workload that has none, an address for each pod that has none, and endpoints for each
 * Service that has none. An address is made up only where no block of a policy could hold one address of a pod and
 * not another.
 */
export function completeModel(known: KubernetesObject[], options: CompleteOptions = {}): CompletedModel {
  const { podNet, ...modelOptions } = options
  const { pods, assumptions } = workloadPods(known)
  const objects = [...known, ...pods]
  const model = buildModel([...objects, ...serviceSlices(objects)], modelOptions)
  const missing = podsWithoutAddress(objects)
  const done = { model, objects, assumptions: [...assumptions, ...model.assumptions], problems: [] }
  if (missing.length === 0) return done
  const given = podNet === undefined ? null : parseCidr(podNet)
  const networks = given ? [given] : podNetworksOf(objects)
  const undecided = undecidedNets(model, networks)
  const [{ metadata }] = missing as [KubernetesObject]
  const who = `${metadata.namespace ?? 'default'}/${metadata.name}${missing.length > 1 ? ` and ${missing.length - 1} more` : ''}`
  if (undecided.length > 0)
    return {
      ...done,
      problems: undecided.map((text) => `${who}: no address, and ${text} may or may not hold it`),
    }
  const addressed = withAddresses(objects, networks[0])
  const assumed = `${who}: no address, so one was made up; no block of a policy tells the possible ones apart`
  return {
    model: buildModel([...addressed, ...serviceSlices(addressed)], modelOptions),
    objects: addressed,
    assumptions: [...done.assumptions, assumed],
    problems: [],
  }
}
