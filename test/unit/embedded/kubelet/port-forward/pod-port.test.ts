import { once } from 'node:events'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { forwardPort } from '../../../../../src/embedded/kubelet/port-forward/pod-port.ts'
import { closedTcpPort } from '../../../../support/closed-port.ts'
import { testUnless } from '../../../../support/test-unless.ts'

const pod = {
  name: 'web',
  uid: '1',
  netns: '/proc/self/ns/net',
  agentDirectory: join(import.meta.dirname, '../../../../../src/embedded/runtime/agent'),
}

testUnless(process.getuid?.() === 0 ? null : 'ports are forwarded in a network namespace, which needs root', {
  title: 'what is sent to a port that nobody listens at is dropped, and why is said',
  async body() {
    const [client, ours] = duplexPair()
    const { port } = await closedTcpPort()
    const forwarded = forwardPort(pod, port, ours)
    for (let count = 0; count < 50; count += 1) client.write(Buffer.alloc(100_000))
    const taken = once(client.end(), 'finish')
    expect(await forwarded).toMatch(/error forwarding port \d+ to pod web, uid 1: .*connection refused/)
    await taken
  },
})
