/** A field of a message as it goes over the wire: its number, and its value as far as the wire tells it. */
export interface ProtobufField {
  number: number
  /** A varint, a fixed number, or the bytes of a text, a message or packed numbers. */
  value: bigint | number | Buffer
}

/**
 * The fields of a protobuf message, in their order. Throws where it is cut short, or of no known form.
 * Source: protobuf.dev/programming-guides/encoding.
 */
export function* protobufFields(bytes: Buffer): Generator<ProtobufField> {
  let at = 0
  const varint = () => {
    let result = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at]
      if (byte === undefined || shift > 63n) throw new Error('it is cut short')
      at += 1
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, result)
    }
  }
  const take = (length: number) => {
    if (length < 0 || at + length > bytes.length) throw new Error('it is cut short')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const number = tag >>> 3
    const wire = tag & 7
    if (wire === 0) yield { number, value: varint() }
    else if (wire === 1) yield { number, value: take(8).readDoubleLE() }
    else if (wire === 2) yield { number, value: take(Number(varint())) }
    else if (wire === 5) yield { number, value: take(4).readFloatLE() }
    else throw new Error(`wire type ${wire} is not known`)
  }
}

/** A field that holds a number, as bytes; negative ones take ten. */
export function protobufVarint(number: number, value: number): Buffer {
  return Buffer.from([...varintBytes(BigInt(number << 3)), ...varintBytes(BigInt.asUintN(64, BigInt(value)))])
}

/** A field of bytes, a text or a message. */
export function protobufBytes(number: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value)
  const head = [...varintBytes(BigInt((number << 3) | 2)), ...varintBytes(BigInt(bytes.length))]
  return Buffer.concat([Buffer.from(head), bytes])
}

function* varintBytes(value: bigint): Generator<number> {
  let rest = value
  for (; rest > 0x7fn; rest >>= 7n) yield Number(rest & 0x7fn) | 0x80
  yield Number(rest)
}
