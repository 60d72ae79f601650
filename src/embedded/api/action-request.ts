import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Registry, Target } from './registry.ts'
import type { WriteOptions } from './write-options.ts'

/** What is posted to a subresource that does something. */
export interface ActionRequest {
  registry: Registry
  target: Target
  body: KubernetesObject
  options: WriteOptions
}
