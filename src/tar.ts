export interface TarEntry {
  /** As the archive has it: who writes it to a disk checks it first. */
  path: string
  type: 'file' | 'directory' | 'symlink' | 'link' | 'other'
  /** What a link points at. */
  linkPath: string
  mode: number
  uid: number
  gid: number
  sizeBytes: number
  mtime: Date
  /** The file's bytes, to be read before the next entry; what is left is skipped. */
  body(): AsyncGenerator<Buffer>
}

const blockBytes = 512
const types = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
} as const
/** More than this for a name or for extended attributes is no archive that anybody made in good faith. */
const longestHeader = 1 << 20

/**
 * The entries of a tar archive (POSIX ustar and pax, GNU long names) as they come. The stream is read to its very end.
 * Throws an Error that says what is wrong with an archive that is none or is cut.
 */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(stream)
  let overrides: Record<string, string> = {}
  for (;;) {
    const header = await bytes.read(blockBytes)
    if (header.length === 0 || header.every((byte) => byte === 0)) break
    const entry = { ...parseHeader(header), ...fromOverrides(overrides) }
    if (entry.flag === 'x' || entry.flag === 'L' || entry.flag === 'K' || entry.flag === 'g') {
      const text = await textOf(bytes, entry.sizeBytes)
      if (entry.flag === 'x') overrides = { ...overrides, ...paxRecords(text) }
      // Global records hold for all that follows; images have none that matter.
      else if (entry.flag !== 'g')
        overrides[entry.flag === 'L' ? 'path' : 'linkpath'] = text.replace(/\0.*$/s, '')
      continue
    }
    overrides = {}
    const { flag, ...rest } = entry
    const type = types[flag as keyof typeof types] ?? 'other'
    const end = bytes.position + padded(entry.sizeBytes)
    // Old archives mark a directory by its name alone.
    const isDirectory = type === 'file' && rest.path.endsWith('/')
    yield { ...rest, type: isDirectory ? 'directory' : type, body: () => bytes.take(entry.sizeBytes) }
    await bytes.skipTo(end)
  }
  await bytes.drain()
}

type Header = Omit<TarEntry, 'type' | 'body'> & { flag: string }

function parseHeader(block: Buffer): Header {
  const text = (from: number, to: number) => block.toString('utf8', from, to).replace(/\0.*$/s, '')
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  if (sum !== numberAt(block, 148, 156)) throw new Error('it is no tar archive, or a damaged one')
  const isUstar = text(257, 263).startsWith('ustar')
  // GNU's own format has times where ustar has the front part of a long path.
  const prefix = isUstar && block.toString('latin1', 257, 265) !== 'ustar  \0' ? text(345, 500) : ''
  return {
    path: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100),
    linkPath: text(157, 257),
    mode: numberAt(block, 100, 108) & 0o7777,
    uid: numberAt(block, 108, 116),
    gid: numberAt(block, 116, 124),
    sizeBytes: numberAt(block, 124, 136),
    mtime: new Date(numberAt(block, 136, 148) * 1000),
    flag: String.fromCharCode(block[156]!),
  }
}

/** Octal digits, or base 256 where the first bit is set (GNU: large numbers). */
function numberAt(block: Buffer, from: number, to: number): number {
  if (block[from]! & 0x80) return Number(BigInt(`0x${block.toString('hex', from + 1, to)}`))
  return Number.parseInt(block.toString('latin1', from, to).replace(/\0.*$/s, '').trim() || '0', 8)
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts the bytes of the whole record. */
function paxRecords(text: string): Record<string, string> {
  const records: Record<string, string> = {}
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const length = Number.parseInt(rest.toString('latin1', 0, 20), 10)
    if (!(length > 0)) throw new Error('its extended header (pax) cannot be read')
    const [, key, value] = /^\d+ ([^=]*)=(.*)\n$/s.exec(rest.subarray(0, length).toString()) ?? []
    if (key !== undefined) records[key] = value!
    rest = rest.subarray(length)
  }
  return records
}

function fromOverrides({ path, linkpath, size, uid, gid }: Record<string, string>): Partial<Header> {
  return {
    ...(path !== undefined && { path }),
    ...(linkpath !== undefined && { linkPath: linkpath }),
    ...(size !== undefined && { sizeBytes: Number(size) }),
    ...(uid !== undefined && { uid: Number(uid) }),
    ...(gid !== undefined && { gid: Number(gid) }),
  }
}

async function textOf(bytes: ByteReader, length: number): Promise<string> {
  if (length > longestHeader) throw new Error('one of its headers is longer than 1 MiB')
  const end = bytes.position + padded(length)
  const parts: Buffer[] = []
  for await (const part of bytes.take(length)) parts.push(part)
  await bytes.skipTo(end)
  return Buffer.concat(parts).toString()
}

function padded(length: number): number {
  return Math.ceil(length / blockBytes) * blockBytes
}

/** A stream of chunks, read by counts of bytes. */
class ByteReader {
  position = 0
  private readonly chunks: AsyncIterator<Buffer>
  private rest: Buffer = Buffer.alloc(0)

  constructor(stream: AsyncIterable<Buffer>) {
    this.chunks = stream[Symbol.asyncIterator]()
  }

  /** So many bytes, or none at the stream's end. */
  async read(length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for await (const part of this.take(length, true)) parts.push(part)
    return Buffer.concat(parts)
  }

  async *take(length: number, mayEnd = false): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.rest.length === 0 && !(await this.fill())) {
        if (mayEnd && left === length) return
        throw new Error('it is cut: it ends in the middle of an entry')
      }
      const part = this.rest.subarray(0, left)
      this.rest = this.rest.subarray(part.length)
      this.position += part.length
      left -= part.length
      yield part
    }
  }

  async skipTo(position: number): Promise<void> {
    for await (const _part of this.take(position - this.position));
  }

  /** Reads on to the stream's end, so that whoever counts or hashes it has seen all of it. */
  async drain(): Promise<void> {
    while (await this.fill());
  }

  private async fill(): Promise<boolean> {
    const { value, done } = await this.chunks.next()
    this.rest = done ? Buffer.alloc(0) : Buffer.from(value)
    return !done
  }
}
