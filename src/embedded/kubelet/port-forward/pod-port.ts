import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Duplex, Readable, Writable } from 'node:stream'

/** A pod whose ports are forwarded. */
export interface ForwardedPod {
  name: string
  uid: string
  /** Path of its network namespace. */
  netns: string
  /** Folder of the programs that run in namespaces of pods. */
  agentDirectory: string
}

/**
 * Connects a client's stream to a port of the pod's own loopback, 127.0.0.1 first and then ::1, as a kubelet does. A
 * program in the pod's network namespace carries each connection, since a process of Node's is in one namespace alone.
 * Resolves when the pod has said everything: with null, or with why there was no connection.
 */
export function forwardPort(pod: ForwardedPod, port: number, client: Duplex): Promise<string | null> {
  return new Promise((resolve) => {
    const words = [`--net=${pod.netns}`, '--', 'perl', join(pod.agentDirectory, 'port.pl'), String(port)]
    // A process group of its own, so that both of its processes end with the client.
    const carrier = spawn('nsenter', words, { stdio: 'pipe', detached: true })
    const failed = (why: string) =>
      resolve(`error forwarding port ${port} to pod ${pod.name}, uid ${pod.uid}: ${why}`)
    let said = ''
    carrier.on('error', (error) => {
      said ||= error.message
    })
    // Without a file descriptor left it has no streams at all.
    if (!carrier.stderr) return failed('no program can be started')
    carrier.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-1024)
    })
    carry(client, carrier.stdin, carrier.stdout)
    const stop = () => {
      if (carrier.pid !== undefined && carrier.exitCode === null) kill(carrier.pid)
    }
    client.once('close', stop)
    carrier.on('close', (code) => {
      client.off('close', stop)
      if (code === 0 || client.destroyed) return resolve(null)
      failed(`failed to execute portforward in network namespace "${pod.netns}": ${said.trim()}`)
    })
  })
}

/** Not `pipeline`: a pod that has said everything may still listen, and the reverse. */
function carry(client: Duplex, toPod: Writable, fromPod: Readable): void {
  toPod.on('error', () => undefined)
  fromPod.on('error', () => undefined)
  // What the pod takes no more is dropped: it would hold up the client's other connections.
  toPod.once('close', () => client.unpipe(toPod).resume())
  client.pipe(toPod)
  fromPod.pipe(client, { end: false })
}

function kill(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
