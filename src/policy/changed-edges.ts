import {
  type ConnectionMatrix,
  type ConnectionProtocol,
  type Connections,
  connectionProtocols,
} from './matrix/index.ts'
import { type PortSet, withoutPorts } from './port-set.ts'

/** What opens and closes on every one of these edges. */
export interface ChangedEdges {
  /** `namespace/pod`, every one of them to every other one of `to`. */
  from: string[]
  to: string[]
  opened: Connections
  closed: Connections
}

type Change = Pick<ChangedEdges, 'opened' | 'closed'>

/** What a model says of pods by their names. */
export class Places {
  private readonly places: Map<string, number>

  constructor(private readonly matrix: ConnectionMatrix) {
    this.places = new Map(matrix.actors.map(({ id }, place) => [id, place]))
  }

  get ids(): Iterable<string> {
    return this.places.keys()
  }

  has(id: string): boolean {
    return this.places.has(id)
  }

  without(other: Places): string[] {
    return [...this.ids].filter((id) => !other.has(id))
  }

  classOf(id: string): number {
    return this.matrix.classOf[this.places.get(id)!]!
  }

  isHost(id: string): boolean {
    return this.matrix.actors[this.places.get(id)!]!.endpoint === null
  }

  nodeOf(id: string): string {
    return this.matrix.actors[this.places.get(id)!]!.node
  }

  between(from: string, to: string): Connections {
    return this.matrix.between(this.places.get(from)!, this.places.get(to)!)
  }

  /** Of the classes of these pods, wherever they are. */
  apart(from: string, to: string): Connections {
    return this.matrix.ofClasses(this.classOf(from), this.classOf(to))
  }
}

export class Comparison {
  constructor(
    private readonly old: Places,
    private readonly now: Places,
    private readonly only: Connections | undefined,
  ) {}

  /**
   * What changes between two groups of pods that are alike in both models: the same for all of them, but for pods on
   * their node's network and the pods of that node, which policies may not come between.
   */
  changesBetween(from: string[], to: string[]): ChangedEdges[] {
    const [source, destination] = [from[0]!, to[0]!]
    const apart = this.change(this.old.apart(source, destination), this.now.apart(source, destination))
    const all =
      this.hasHosts(source) || this.hasHosts(destination)
        ? this.split(from, to, apart)
        : [{ from, to, ...apart }]
    return all.filter(({ opened, closed }) => !isNone(opened) || !isNone(closed))
  }

  private split(from: string[], to: string[], apart: Change): ChangedEdges[] {
    const onNode = groupBy(to, (id) => this.nodesOf(id))
    const found = new Map<string, ChangedEdges>()
    const add = (key: unknown, source: string, edges: () => Omit<ChangedEdges, 'from'>) => {
      const known = found.get(JSON.stringify(key))
      if (known) known.from.push(source)
      else found.set(JSON.stringify(key), { from: [source], ...edges() })
    }
    for (const source of from) {
      const near = new Set(this.nodesOf(source).flatMap((node) => onNode.get(node) ?? []))
      near.delete(source)
      const others = [...near]
        .map((id) => ({ id, ...this.change(this.old.between(source, id), this.now.between(source, id)) }))
        .filter((change) => !isSame(change, apart))
      const left = new Set(others.map(({ id }) => id))
      add(['apart', ...left], source, () => ({ to: to.filter((id) => !left.has(id)), ...apart }))
      for (const alike of groupsOf(others, ({ opened, closed }) => JSON.stringify({ opened, closed }))) {
        const { opened, closed } = alike[0]!
        const ids = alike.map(({ id }) => id)
        add([ids, opened, closed], source, () => ({ to: ids, opened, closed }))
      }
    }
    return [...found.values()]
  }

  private nodesOf(id: string): string[] {
    return [...new Set([this.old.nodeOf(id), this.now.nodeOf(id)])]
  }

  private hasHosts(id: string): boolean {
    return this.old.isHost(id) || this.now.isHost(id)
  }

  private change(before: Connections, after: Connections): Change {
    const [was, is] = [limited(before, this.only), limited(after, this.only)]
    return { opened: without(is, was), closed: without(was, is) }
  }
}

export function groupsOf<Item>(items: Item[], keyOf: (item: Item) => string): Item[][] {
  return [...groupBy(items, (item) => [keyOf(item)]).values()]
}

function groupBy<Item>(items: Item[], keysOf: (item: Item) => string[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items)
    for (const key of keysOf(item)) {
      const group = groups.get(key)
      if (group) group.push(item)
      else groups.set(key, [item])
    }
  return groups
}

function isSame(one: Change, other: Change): boolean {
  const text = ({ opened, closed }: Change) => JSON.stringify({ opened, closed })
  return text(one) === text(other)
}

function each(make: (protocol: ConnectionProtocol) => PortSet): Connections {
  return { TCP: make('TCP'), UDP: make('UDP'), SCTP: make('SCTP') }
}

function without(from: Connections, taken: Connections): Connections {
  return each((protocol) => withoutPorts(from[protocol], taken[protocol]))
}

function limited(connections: Connections, only: Connections | undefined): Connections {
  return only ? without(connections, without(connections, only)) : connections
}

export function isNone(connections: Connections): boolean {
  return connectionProtocols.every((protocol) => connections[protocol].length === 0)
}
