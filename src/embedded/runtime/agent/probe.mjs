// One probe of the kubelet that needs TLS or HTTP/2, which Perl alone does not speak. Runs in the node's network
// namespace. Exit 0, or 1 and the reason on standard output.
//
// usage: probe.mjs https HOST PORT TIMEOUT-MS PATH [NAME VALUE]...
//        probe.mjs grpc HOST PORT TIMEOUT-MS [SERVICE]
import { connect } from 'node:http2'
import { request } from 'node:https'

const [kind, host, port, timeoutMs, what = '', ...headers] = process.argv.slice(2)
const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

setTimeout(() => {
  if (kind === 'grpc') end(`timeout: failed to connect service "${authority}" within ${timeoutMs}ms`)
  end(`Get "https://${authority}${what}": no answer within ${timeoutMs} ms`)
}, Number(timeoutMs))

if (kind === 'grpc') askGrpc()
else askHttps()

/** The certificate is not checked: nobody could have made one for a pod's address (as the kubelet has it). */
function askHttps() {
  const pairs = Array.from({ length: headers.length / 2 }, (_each, index) =>
    headers.slice(2 * index, 2 * index + 2),
  )
  const options = {
    ...{ host, port, path: what, rejectUnauthorized: false, agent: false },
    headers: { 'user-agent': 'kube-probe/1.34', accept: '*/*', ...Object.fromEntries(pairs) },
  }
  const asked = request(options, ({ statusCode }) => {
    end(statusCode >= 200 && statusCode < 400 ? null : `HTTP probe failed with statuscode: ${statusCode}`)
  })
  asked.on('error', (error) => end(`Get "https://${authority}${what}": ${error.message}`)).end()
}

/** grpc.health.v1.Health/Check, its two messages of one field each written and read by hand. */
function askGrpc() {
  const session = connect(`http://${authority}`)
  session.on('error', (error) => end(`error: failed to connect service "${authority}": ${error.message}`))
  // A connection that fails takes its streams along, and tells why itself.
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    'user-agent': 'kube-probe/1.34',
    te: 'trailers',
  })
  const name = Buffer.from(what)
  const message = name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a, name.length), name])
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([frame, message]))
  const chunks = []
  let refusal = null
  const take = (fields) => {
    if (fields['grpc-status'] && fields['grpc-status'] !== '0')
      refusal = fields['grpc-message'] || fields['grpc-status']
  }
  stream
    .on('response', take)
    .on('trailers', take)
    .on('data', (chunk) => chunks.push(chunk))
  stream.on('error', (error) => setImmediate(end, `error: health rpc failed: ${error.message}`))
  stream.on('end', () => {
    if (refusal !== null) end(`error: health rpc failed: ${refusal}`)
    // An empty message is the field's default: UNKNOWN.
    const body = Buffer.concat(chunks).subarray(5)
    const status = statuses[body[0] === 0x08 ? body[1] : 0] ?? 'UNKNOWN'
    end(status === 'SERVING' ? null : `service unhealthy (responded with "${status}")`)
  })
}

function end(reason) {
  if (reason === null) process.exit(0)
  process.stdout.write(`${reason}\n`, () => process.exit(1))
}
