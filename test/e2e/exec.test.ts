import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { kubectlEnvironment, kubectlOf, testWithKubectl } from '../support/kubectl.ts'
import { homeForTests, type Running, startProgram } from '../support/ztlab.ts'

/** What goes through exec and attach, by both protocols that clients speak. */
const home = homeForTests()
const kubectl = kubectlOf(home, 'exec')
const withPod = (title: string, body: () => Promise<void>) => testWithKubectl(title, body, 240_000)

/** kubectl begins with WebSocket from 1.31 on; before, and in programs of client-go, it is SPDY. */
const protocols: [string, string][] = [
  ['WebSocket', 'true'],
  ['SPDY', 'false'],
]

withPod('a cluster and a pod whose main process says each line that it is told', async () => {
  expect((await home.ztlab(['cluster', 'up', '--name', 'exec', '--nodes', '1'])).code).toBe(0)
  await kubectl(['apply', '-f', '-'], echo)
  await kubectl(['wait', '--for=condition=Ready', 'pod/echo', '--timeout=60s'])
})

describe.each(protocols)('%s', (name, websockets) => {
  const file = join(home.directory, `bytes-${name}`)
  const say = (words: string[]) => speaking(websockets, words).finished

  withPod('output, errors and the exit code come back', async () => {
    const said = await say(['exec', 'echo', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])
    expect(said).toMatchObject({ code: 7, stdout: 'out\n' })
    expect(said.stderr).toMatch(/^err$/m)
  })

  withPod('megabytes pass in and out whole, also where the reader is slow', async () => {
    const bytes = randomBytes(8 * 1024 * 1024)
    writeFileSync(file, bytes)
    const sum = createHash('sha1').update(bytes).digest('hex')
    const inward = 'sleep 1; cat > /tmp/bytes; sha1sum < /tmp/bytes'
    const through = `kubectl exec -i echo -- sh -c '${inward}' < "${file}"`
    expect((await inShell(websockets, through)).stdout).toContain(sum)
    const outward = 'kubectl exec echo -- cat /tmp/bytes | { sleep 1; sha1sum; }'
    expect((await inShell(websockets, outward)).stdout).toContain(sum)
  })

  withPod('whoever attaches hears what is said from then on, and types', async () => {
    // What is typed before it is there is lost with nobody; the first line that comes back ends it. What the other
    // protocol has typed may come back late.
    const typed = `for i in $(seq 300); do echo by ${name} || break; sleep 0.2; done`
    const heard = `grep -m1 'heard by ${name}'`
    const attached = await inShell(websockets, `{ ${typed}; } | kubectl attach -i echo | ${heard}`)
    expect(attached.stdout).toBe(`heard by ${name}\n`)
    // It lives on, and hears the next.
    expect(await kubectl(['get', 'pod', 'echo', '-o', 'jsonpath={.status.phase}'])).toBe('Running')
  })

  withPod('what a client has begun ends with it', async () => {
    const seconds = websockets === 'true' ? 86_401 : 86_402
    const begun = speaking(websockets, [
      'exec',
      'echo',
      '--',
      'sh',
      '-c',
      `echo begun; exec sleep ${seconds}`,
    ])
    await begun.says(/begun/)
    begun.process.kill('SIGKILL')
    await begun.finished
    await eventually(async () => {
      expect(await kubectl(['exec', 'echo', '--', 'ps', '-o', 'args'])).not.toContain(`sleep ${seconds}`)
    })
  })

  withPod('a program that is not there is no exit code of its own', async () => {
    const said = await say(['exec', 'echo', '--', '/no/such'])
    expect(said.code).toBe(1)
    expect(said.stderr).toMatch(/OCI runtime exec failed: .*no such file or directory/)
  })
})

const echo = `
apiVersion: v1
kind: Pod
metadata: { name: echo }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - { name: main, image: busybox:1.36, stdin: true, command: [sh, -c, 'while read line; do echo heard $line; done'] }
`

/** kubectl by one protocol. */
function speaking(websockets: string, words: string[]): Running {
  return startProgram(['kubectl', ...words], { env: environment(websockets) })
}

function inShell(websockets: string, line: string) {
  return startProgram(['sh', '-c', line], { env: environment(websockets) }).finished
}

function environment(websockets: string): NodeJS.ProcessEnv {
  const env = kubectlEnvironment(home, join(home.state, 'exec/kubeconfig'))
  return { ...env, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: websockets }
}
