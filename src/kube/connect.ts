import type { KubeClient } from './client.ts'
import { kubeOver } from './kube-over.ts'
import { createTransport } from './transport.ts'

/** Begins to load client-node, which takes a moment, while something else is waited for. */
export function preloadKube(): Promise<typeof import('./kube-config.ts')> {
  return import('./kube-config.ts')
}

/** Opens the cluster that a kubeconfig's current context names. Nothing is sent until the first call. */
export async function connectKube(kubeconfig: string): Promise<KubeClient> {
  const { KubeConfig } = await preloadKube()
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  return kubeOver(createTransport(config))
}
