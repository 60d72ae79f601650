/** What a user says about an existing cluster. */
export interface ContextChoice {
  /** The kubeconfig context. */
  name: string
  /** Default: KUBECONFIG or ~/.kube/config. */
  kubeconfig?: string
  /** The agnhost image of canaries and debug pods, where the cluster cannot pull the usual one. */
  image?: string
}
