import type { NodeAgentProcess } from '../../../src/embedded/node-agent-process.ts'
import { NodesSupervisor } from '../../../src/embedded/nodes-supervisor.ts'

interface FakeAgent extends NodeAgentProcess {
  end(how: string): void
  stopped: boolean
}

function fakeAgent(): FakeAgent {
  let end: (how: string) => void = () => undefined
  const ended = new Promise<string>((resolve) => {
    end = resolve
  })
  const agent: FakeAgent = {
    rootless: false,
    ready: Promise.resolve(),
    ended,
    failed: new Promise(() => undefined),
    init: () => 1,
    end,
    stopped: false,
    async stop() {
      agent.stopped = true
      end('told to')
      await ended
    },
  }
  return agent
}

function supervised(start: () => NodeAgentProcess) {
  const first = fakeAgent()
  const logged: string[] = []
  const ups: NodeAgentProcess[] = []
  const supervisor = new NodesSupervisor({
    first,
    start,
    clear: async () => void logged.push('cleared'),
    up: async (agent) => void ups.push(agent),
    log: (line) => void logged.push(line),
  })
  return { supervisor, first, logged, ups }
}

test('nodes that go down are started again, after what they left is cleared away', async () => {
  let second: FakeAgent | undefined
  const { promise: started, resolve } = withResolver()
  const { supervisor, first, logged, ups } = supervised(() => {
    second = fakeAgent()
    resolve()
    return second
  })
  const kept = supervisor.keepUp()
  first.end('killed by SIGKILL')
  await started
  await second!.ready
  expect(logged).toEqual([
    'the nodes are down (killed by SIGKILL), they are started again in 1000 ms',
    'cleared',
  ])
  await supervisor.stop()
  await kept
  expect(ups).toEqual([second])
  expect([first.stopped, second!.stopped]).toEqual([false, true])
})

test('told to stop while it waits, it starts nothing more', async () => {
  const { supervisor, first, logged } = supervised(() => {
    throw new Error('started')
  })
  const kept = supervisor.keepUp()
  first.end('exit code 1')
  await Promise.resolve()
  await supervisor.stop()
  await kept
  expect(logged.at(-1)).toBe('cleared')
})

function withResolver(): { promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
