import { request } from 'node:http'

/** Posts an object over the Unix socket; the code of the answer. */
export function sendSocket(socketPath: string, path: string, body: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const outgoing = request({ socketPath, path, method: 'POST', headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(body))
  })
}
