/** The Kubernetes whose schemas, rules and answers the embedded cluster follows. */
export const kubernetesVersion = 'v1.34.4'
