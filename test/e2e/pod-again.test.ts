import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectKube } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { pidOf } from '../support/cluster-processes.ts'
import { eventually } from '../support/eventually.ts'
import { homeForTests, testOnCluster } from '../support/ztlab.ts'

const home = homeForTests()

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'again', namespace: 'default' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
        args: ['netexec', '--http-port=80'],
      },
    ],
  },
}

testOnCluster(
  'a pod that comes again under its name keeps its network when the one before it is taken down',
  async () => {
    await home.ztlab(['cluster', 'up', '--name', 'twice', '--nodes', '1'])
    const kube = await connectKube(readFileSync(join(home.state, 'twice', 'kubeconfig'), 'utf8'))
    const onNode = async (...words: string[]) =>
      (await home.ztlab(['cluster', 'shell', '--name', 'twice', '--', ...words])).stdout
    const networks = async () => (await onNode('ip', 'netns', 'list')).match(/^cni-/gm)?.length
    try {
      await kube.apply([pod])
      await kube.waitReady([pod])
      const before = await networks()
      // Who tells of containers that have ended says nothing for a while.
      const init = pidOf(home.state, 'init')!
      process.kill(init, 'SIGSTOP')
      try {
        await kube.delete([pod])
        await kube.apply([pod])
        // Sooner it has no network, with the first's link in the way of its own.
        await new Promise((resolve) => setTimeout(resolve, 1500))
      } finally {
        process.kill(init, 'SIGCONT')
      }
      await kube.waitReady([pod])
      await eventually(async () => expect(await networks()).toBe(before))
      const { stdout } = await kube.exec({
        namespace: 'default',
        pod: 'again',
        command: ['cat', '/proc/net/dev'],
      })
      expect(stdout).toContain('eth0:')
    } finally {
      kube.close()
      await home.ztlab(['cluster', 'down', '--name', 'twice'])
    }
  },
)
