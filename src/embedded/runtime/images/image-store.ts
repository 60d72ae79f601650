import { createHash, randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../../../errors.ts'
import { command } from '../../../kernel/index.ts'
import { builtInImages } from './catalogue.ts'
import type { Image } from './image.ts'
import { LayerTree } from './layer-tree.ts'
import type { Layers } from './layers.ts'
import { normalizeReference, normalizeRepository } from './reference.ts'
import { unpackLayer } from './unpack-layer.ts'

/** A layer as it is brought: what it is, and the chain of layers that it goes on top of (OCI: ChainID). */
export interface NewLayer {
  diffId: string
  parent: string | null
}

/** An image whose layers are there. */
export interface NewImage extends Omit<Image, 'layers' | 'sizeBytes' | 'standIn'> {
  /** Chain ID of the topmost layer; null for an image without any. */
  chain: string | null
}

interface Layer {
  directory: string
  parent: string | null
  sizeBytes: number
}

interface StoredIndex {
  images: Image[]
  layers: [chain: string, Layer][]
}

/** The images of all nodes: the built-in catalogue and what was imported, whose layers lie below one directory. */
export class ImageStore extends EventEmitter<{ added: [] }> {
  private readonly builtIn: Map<string, Image>
  private readonly imported = new Map<string, Image>()
  private readonly layers = new Map<string, Layer>()
  private readonly unpacking = new Map<string, Promise<string>>()

  constructor(
    builtInLayers: Layers,
    private readonly directory: string,
  ) {
    super()
    // Every container that waits for its image listens.
    this.setMaxListeners(0)
    this.builtIn = builtInImages(builtInLayers)
    if (existsSync(this.index)) this.read()
  }

  /** What was imported, for a process after this one. */
  private get index(): string {
    return join(this.directory, 'index.json')
  }

  private read(): void {
    const { images, layers } = JSON.parse(readFileSync(this.index, 'utf8')) as StoredIndex
    for (const image of images) for (const name of image.names) this.imported.set(name, image)
    for (const [chain, layer] of layers) this.layers.set(chain, layer)
  }

  private write(): void {
    const index: StoredIndex = { images: [...new Set(this.imported.values())], layers: [...this.layers] }
    mkdirSync(this.directory, { recursive: true, mode: 0o755 })
    writeFileSync(`${this.index}.new`, JSON.stringify(index))
    renameSync(`${this.index}.new`, this.index)
  }

  /** The image that a reference means: an imported one by its tag or digest, a built-in one by its repository alone. */
  find(reference: string): Image | undefined {
    return this.imported.get(normalizeReference(reference)) ?? this.pull(reference)
  }

  /** The same where a registry is asked, whose part the catalogue plays: it knows nothing of what was imported. */
  pull(reference: string): Image | undefined {
    return this.builtIn.get(normalizeRepository(reference))
  }

  list(): Image[] {
    return [...new Set([...this.builtIn.values(), ...this.imported.values()])]
  }

  hasLayer(chain: string): boolean {
    return this.layers.has(chain)
  }

  /** Unpacks a layer unless it is there; resolves with its chain ID. Throws `bad-input` where its content is not what it is called. */
  addLayer(layer: NewLayer, archive: AsyncIterable<Buffer>): Promise<string> {
    const chain = chainId(layer)
    const started = this.unpacking.get(chain) ?? this.unpack(chain, layer, archive)
    this.unpacking.set(chain, started)
    return started.finally(() => this.unpacking.delete(chain))
  }

  /** From now on containers can be made of it. A name that another image had is now this one's. */
  add({ chain, ...image }: NewImage): Image {
    const layers = this.chainOf(chain)
    const sizeBytes = layers.reduce((total, layer) => total + layer.sizeBytes, 0)
    const names = image.names.map(normalizeReference)
    const added = { ...image, names, layers: layers.map(({ directory }) => directory), sizeBytes }
    for (const [name, before] of this.imported) {
      if (names.includes(name)) before.names = before.names.filter((each) => each !== name)
    }
    for (const name of names) this.imported.set(name, added)
    this.write()
    this.emit('added')
    return added
  }

  private async unpack(chain: string, layer: NewLayer, archive: AsyncIterable<Buffer>): Promise<string> {
    const lower = this.chainOf(layer.parent).map(({ directory }) => directory)
    const building = join(this.directory, `building-${randomBytes(6).toString('hex')}`)
    await mkdir(building, { recursive: true, mode: 0o755 })
    try {
      const { digest, sizeBytes } = await unpackLayer(
        archive,
        new LayerTree(building, lower, await this.whiteout()),
      )
      if (`sha256:${digest}` !== layer.diffId) throw notAsCalled(layer.diffId, digest)
      // Short, since the kernel takes all of a root file system's layers in one page of text.
      const directory = join(this.directory, chain.slice(7, 19))
      await rename(building, directory)
      this.layers.set(chain, { directory, parent: layer.parent, sizeBytes })
      this.write()
      return chain
    } catch (error) {
      await rm(building, { recursive: true, force: true })
      throw error
    }
  }

  /** Layers from the top of a chain to its bottom. */
  private chainOf(chain: string | null): Layer[] {
    const layers: Layer[] = []
    for (let next = chain; next !== null; next = layers.at(-1)!.parent) {
      const layer = this.layers.get(next)
      if (!layer) throw new LabError({ code: 'not-found', message: `there is no layer ${next}` })
      layers.push(layer)
    }
    return layers
  }

  private async whiteout(): Promise<string> {
    const path = join(this.directory, 'whiteout')
    const isThere = await stat(path).then(
      () => true,
      () => false,
    )
    if (!isThere) await command(['mknod', path, 'c', '0', '0'])
    return path
  }
}

/** What names a layer together with all below it (OCI image specification, "Layer ChainID"). */
export function chainId({ diffId, parent }: NewLayer): string {
  if (parent === null) return diffId
  return `sha256:${createHash('sha256').update(`${parent} ${diffId}`).digest('hex')}`
}

function notAsCalled(diffId: string, digest: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `layer ${diffId} is damaged: its content is sha256:${digest}`,
    hint: 'save the image again',
  })
}
