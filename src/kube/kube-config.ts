/** All of client-node that is used. Imported through here, the bundler leaves the rest out: 1.7 MB instead of 14. */
export { KubeConfig } from '@kubernetes/client-node'
