import { messageOf } from '../../errors.ts'

/** What heartbeats ask of a node's kubelet. */
export interface BeatingNode {
  readonly name: string
  beat(): Promise<void>
}

export interface HeartbeatOptions {
  nodes: BeatingNode[]
  /** Names of the nodes whose link to the others is up. */
  linked(): Promise<Set<string>>
  log(line: string): void
}

/** As often as a kubelet renews its lease (a quarter of its duration). */
const everyMs = 10_000

/**
 * Lets every node say that it lives, as long as it could: a node agent speaks to the API server by a socket, a real
 * kubelet by its node's link.
 */
export function startHeartbeats({ nodes, linked, log }: HeartbeatOptions): void {
  const beat = async () => {
    const up = await linked()
    await Promise.all(nodes.filter(({ name }) => up.has(name)).map((node) => node.beat()))
  }
  const again = () => {
    void beat()
      .catch((error) => log(`heartbeat: ${messageOf(error)}`))
      .then(() => setTimeout(again, everyMs).unref())
  }
  again()
}
