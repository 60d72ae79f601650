import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Store } from './store.ts'

/** Who sends a request, as authentication.k8s.io has it. */
export interface UserInfo {
  username: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
}

/** What a TokenRequest may ask for. */
export interface TokenSpec {
  audiences?: string[]
  expirationSeconds?: number
  boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string }
}

export const issuer = 'https://kubernetes.default.svc.cluster.local'

interface Claims {
  aud: string[]
  exp: number
  iat: number
  iss: string
  jti: string
  nbf: number
  sub: string
  'kubernetes.io': {
    namespace: string
    serviceaccount: { name: string; uid: string }
    pod?: { name: string; uid: string }
  }
}

/** Issues and checks the tokens of service accounts: JSON Web Tokens, ES256, as a real API server issues them. */
export class ServiceAccountTokens {
  private keys: ReturnType<typeof newKeys> | undefined

  constructor(private readonly store: Store) {}

  issue(account: KubernetesObject, spec: TokenSpec): { token: string; expirationTimestamp: string } {
    const { name, namespace = '', uid = '' } = account.metadata
    const issuedAt = Math.floor(Date.now() / 1000)
    const { kind, name: boundName = '', uid: boundUid = '' } = spec.boundObjectRef ?? {}
    const pod = kind === 'Pod' ? { pod: { name: boundName, uid: boundUid } } : {}
    const claims: Claims = {
      aud: spec.audiences?.length ? spec.audiences : [issuer],
      exp: issuedAt + (spec.expirationSeconds ?? 3600),
      iat: issuedAt,
      iss: issuer,
      jti: randomUUID(),
      'kubernetes.io': { namespace, ...pod, serviceaccount: { name, uid } },
      nbf: issuedAt,
      sub: `system:serviceaccount:${namespace}:${name}`,
    }
    const signed = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`
    const key = { key: this.pair().privateKey, dsaEncoding: 'ieee-p1363' } as const
    const signature = sign('sha256', Buffer.from(signed), key).toString('base64url')
    const expirationTimestamp = new Date(claims.exp * 1000).toISOString().replace('.000Z', 'Z')
    return { token: `${signed}.${signature}`, expirationTimestamp }
  }

  /** The user that a token stands for; null where it is not ours, is over, or what it is bound to is gone. */
  userOf(token: string, audience = issuer): UserInfo | null {
    const claims = this.claimsOf(token)
    if (!claims || claims.exp * 1000 < Date.now() || !claims.aud.includes(audience)) return null
    const { namespace, serviceaccount, pod } = claims['kubernetes.io']
    const account = this.store.get('api/v1/serviceaccounts', namespace, serviceaccount.name)
    if (account?.metadata.uid !== serviceaccount.uid) return null
    if (pod && this.store.get('api/v1/pods', namespace, pod.name)?.metadata.uid !== pod.uid) return null
    return {
      username: claims.sub,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      extra: pod && {
        'authentication.kubernetes.io/pod-name': [pod.name],
        'authentication.kubernetes.io/pod-uid': [pod.uid],
      },
    }
  }

  private claimsOf(token: string): Claims | null {
    const [header, claims, signature, ...rest] = token.split('.')
    if (!header || !claims || !signature || rest.length) return null
    const key = { key: this.pair().publicKey, dsaEncoding: 'ieee-p1363' } as const
    const signed = Buffer.from(`${header}.${claims}`)
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return null
    return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims
  }

  private pair() {
    this.keys ??= newKeys()
    return this.keys
  }
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
