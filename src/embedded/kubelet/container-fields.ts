// biome-ignore lint/suspicious/noExplicitAny: a container as the pod's spec has it, checked by the API server
export type ContainerFields = Record<string, any>

/** Something in a container's spec that this node cannot do: the reason that the container waits. */
export class ContainerConfigError extends Error {
  readonly isContainerConfigError = true
}
