import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { parseAddress } from '../../cidr.ts'

/** A certificate that signs itself, and its key, both PEM. */
export interface Certificate {
  certificate: string
  key: string
}

const serverNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]
/** The loopback, and the Service `kubernetes` in either family. */
const serverAddresses = ['127.0.0.1', '10.96.0.1', 'fd00:10:96::1']

/**
 * Makes the API server's certificate: ECDSA P-256, X.509 v3 (RFC 5280), its own authority, valid for a year. It is
 * the one that the kubeconfig carries, so that a client trusts this server and no other.
 */
export function makeCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signed = toBeSigned(publicKey)
  const signature = sign('sha256', signed, privateKey)
  const certificate = sequence(signed, ecdsaWithSha256, tagged(0x03, Buffer.from([0]), signature))
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines(certificate.toString('base64'))}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

function toBeSigned(publicKey: KeyObject): Buffer {
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' })
  const serial = randomBytes(16)
  serial[0]! &= 0x7f
  serial[0]! |= 0x01
  const name = sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from('ztlab-embedded')))))
  const start = Date.now() - 3600_000
  const validity = sequence(utcTime(start), utcTime(start + 365 * 24 * 3600_000))
  return sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    ecdsaWithSha256,
    name,
    validity,
    name,
    keyInfo,
    tagged(0xa3, sequence(...extensions(keyInfo))),
  )
}

function addressBytes(text: string): Buffer {
  const { version, value } = parseAddress(text)!
  const digits = version === 4 ? 8 : 32
  return Buffer.from(value.toString(16).padStart(digits, '0'), 'hex')
}

function extensions(keyInfo: Buffer): Buffer[] {
  const keyId = createHash('sha1').update(keyInfo.subarray(-65)).digest()
  const names = serverNames.map((each) => tagged(0x82, Buffer.from(each)))
  const addresses = serverAddresses.map((each) => tagged(0x87, addressBytes(each)))
  return [
    extension('551d13', sequence(boolean(true)), true),
    // digitalSignature and keyCertSign
    extension('551d0f', tagged(0x03, Buffer.from([0x02, 0x84])), true),
    // serverAuth
    extension('551d25', sequence(oid('2b06010505070301'))),
    extension('551d0e', tagged(0x04, keyId)),
    extension('551d23', sequence(tagged(0x80, keyId))),
    extension('551d11', sequence(...names, ...addresses)),
  ]
}

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), tagged(0x04, value))
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts)
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'))
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]))
}

function utcTime(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/\D/g, '').slice(2, 14)
  return tagged(0x17, Buffer.from(`${digits}Z`))
}

/** Tag, length, value: distinguished encoding rules (X.690). */
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts)
  const { length } = value
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value])
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...bytes]), value])
}

function lines(base64: string): string {
  return base64.replace(/.{64}(?=.)/g, '$&\n')
}
