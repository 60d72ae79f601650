import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

const opened: Socket[] = []
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
})

/** The two ends of a connection, which ends with the test; as after an upgrade, each ends its own side. */
export async function socketPair(): Promise<[client: Socket, server: Socket]> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  const client = connect(port, '127.0.0.1').on('error', () => undefined)
  const [server] = await once(listener, 'connection')
  listener.close()
  opened.push(client, server)
  return [client, server]
}
