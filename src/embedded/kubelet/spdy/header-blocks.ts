import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'

/** The words that both sides know from the start (SPDY/3, section 2.6.10.1): each with its length, then a text. */
const knownWords =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status|200 OK|version HTTP/1.1 url public set-cookie keep-alive origin'
const knownText =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.'

export const dictionary = Buffer.concat([
  ...knownWords
    .split('|')
    .flatMap((part) => (part === '200 OK' ? [part] : part.split(' ')))
    .flatMap((word) => [word32(word.length), Buffer.from(word)]),
  Buffer.from(knownText),
])

/** A stream has three headers of a few letters. */
const maxBlockBytes = 16 * 1024

/** Header blocks of one connection: each is compressed in the context of those before it. */
export class HeaderBlocks {
  private readonly inflate: Inflate = createInflate({ dictionary, finishFlush: constants.Z_SYNC_FLUSH })
  private readonly deflate: Deflate = createDeflate({ dictionary })

  constructor() {
    // More may be found wrong with a block that has been refused for its size.
    for (const stream of [this.inflate, this.deflate]) stream.on('error', () => undefined)
  }

  /** The headers of a block that came, names in lower case; blocks have to be read in the order they came. */
  async read(block: Buffer): Promise<Map<string, string>> {
    return headersOf(await through(this.inflate, (done) => this.inflate.write(block, done)))
  }

  /** A block without headers, to be sent at once. */
  empty(): Promise<Buffer> {
    return through(this.deflate, (done) => {
      this.deflate.write(word32(0))
      this.deflate.flush(constants.Z_SYNC_FLUSH, done)
    })
  }

  close(): void {
    this.inflate.close()
    this.deflate.close()
  }
}

/** What a compressor says until it is done with what `work` gives it. */
function through(stream: Inflate | Deflate, work: (done: () => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (error: Error | null) => {
      stream.off('data', take).off('error', settle).off('close', ended)
      if (error) reject(error)
      else resolve(Buffer.concat(chunks))
    }
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > maxBlockBytes) settle(new Error(`headers are larger than ${maxBlockBytes} bytes`))
    }
    const ended = () => settle(new Error('the connection is closed'))
    stream.on('data', take).on('error', settle).on('close', ended)
    work(() => settle(null))
  })
}

function headersOf(block: Buffer): Map<string, string> {
  let at = 0
  const text = () => {
    const length = block.readUInt32BE(at)
    at += 4 + length
    if (at > block.length) throw new Error('headers are cut short')
    return block.toString('utf8', at - length, at)
  }
  const count = block.readUInt32BE(0)
  at = 4
  const headers = new Map<string, string>()
  for (let index = 0; index < count; index += 1) {
    const name = text().toLowerCase()
    headers.set(name, text())
  }
  return headers
}

function word32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
