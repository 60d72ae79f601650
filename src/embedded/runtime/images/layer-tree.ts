import type { Stats } from 'node:fs'
import { chmod, lchown, link, lstat, mkdir, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** As many symbolic links as the kernel follows in one path. */
const mostLinks = 40

/**
 * A layer that is being written, seen together with the layers below it, as overlay shows them. Nothing that it does
 * leaves the layer's directory, wherever the symbolic links of an image point to.
 */
export class LayerTree {
  constructor(
    /** Directory of the layer that is written. */
    private readonly upper: string,
    /** Directories of those below it, from top to bottom. */
    private readonly lower: string[],
    /** A whiteout (character device 0/0) on the same file system: further ones are links to it. */
    private readonly whiteout: string,
  ) {}

  /** Path of an entry in the layer's own directory. */
  own(parts: string[]): string {
    return join(this.upper, ...parts)
  }

  /** The directory that a path means, symbolic links followed within the image; what is missing of it is made. */
  async directory(parts: string[]): Promise<string[]> {
    let at: string[] = []
    const left = [...parts]
    for (let links = 0; left.length > 0; ) {
      const part = left.shift()!
      if (part === '..') {
        at = at.slice(0, -1)
        continue
      }
      const next = [...at, part]
      const seen = await this.find(next)
      if (seen?.stats.isSymbolicLink()) {
        if (++links > mostLinks) throw new Error(`too many symbolic links in ${parts.join('/')}`)
        const target = await readlink(join(seen.layer, ...next))
        if (target.startsWith('/')) at = []
        left.unshift(...partsOf(target))
        continue
      }
      await this.ensureDirectory(next, seen)
      at = next
    }
    return at
  }

  /** What the layers below show at a path. */
  async below(parts: string[]): Promise<Found | null> {
    return find(this.lower, parts)
  }

  /** Hides what the layers below have at a path and this one has not. */
  async hide(parts: string[]): Promise<void> {
    const own = await lstatOrNull(this.own(parts))
    if (own?.isDirectory()) return this.hideChildren(parts)
    if (own || !(await this.below(parts))) return
    await this.directory(parts.slice(0, -1))
    await link(this.whiteout, this.own(parts))
  }

  /** Hides whatever the layers below have in a directory (it is opaque), without the attribute that not every file system has. */
  async hideChildren(parts: string[]): Promise<void> {
    const lists = await Promise.all(this.lower.map((layer) => readdirOrNone(join(layer, ...parts))))
    for (const name of new Set(lists.flat())) await this.hide([...parts, name])
  }

  private find(parts: string[]): Promise<Found | null> {
    return find([this.upper, ...this.lower], parts)
  }

  /** A directory of a layer below is made here with its owner and mode. */
  private async ensureDirectory(parts: string[], seen: Found | null): Promise<void> {
    if (seen && !seen.stats.isDirectory()) throw new Error(`${parts.join('/')} is no directory`)
    if (seen?.layer === this.upper) return
    const path = this.own(parts)
    await mkdir(path, { mode: 0o755 })
    if (!seen) return
    await lchown(path, seen.stats.uid, seen.stats.gid)
    await chmod(path, seen.stats.mode & 0o7777)
  }
}

export interface Found {
  /** Directory of the topmost layer that has it. */
  layer: string
  stats: Stats
}

/** Components of a path; those that mean nothing are left out. */
export function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/** Overlay's marker for what a layer takes away. */
export function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0
}

/** What layers show together, from top to bottom; symbolic links are not followed. */
async function find(layers: string[], parts: string[]): Promise<Found | null> {
  let open = layers
  let found: Found | null = null
  for (let depth = 1; depth <= parts.length; depth++) {
    const path = parts.slice(0, depth)
    found = null
    const deeper: string[] = []
    for (const layer of open) {
      const stats = await lstatOrNull(join(layer, ...path))
      if (!stats) continue
      if (isWhiteout(stats)) break
      if (!stats.isDirectory()) {
        found ??= { layer, stats }
        break
      }
      found ??= { layer, stats }
      deeper.push(layer)
    }
    open = deeper
    if (!found) return null
  }
  return found
}

async function lstatOrNull(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  })
}

async function readdirOrNone(path: string): Promise<string[]> {
  return readdir(path).catch(() => [])
}
