import { ServiceAccountTokens } from '../../../../src/embedded/api/service-account-tokens.ts'
import { Store } from '../../../../src/embedded/api/store.ts'

function world() {
  const store = new Store()
  const object = (kind: string, name: string, uid: string) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'shop', uid },
  })
  const account = store.put('api/v1/serviceaccounts', object('ServiceAccount', 'robot', 'one'))
  const pod = store.put('api/v1/pods', object('Pod', 'web', 'two'))
  return { store, account, pod, tokens: new ServiceAccountTokens(store) }
}

test('a token stands for its service account, for as long as there is one', () => {
  const { store, account, tokens } = world()
  const { token } = tokens.issue(account, {})
  expect(tokens.userOf(token)).toMatchObject({
    username: 'system:serviceaccount:shop:robot',
    groups: expect.arrayContaining(['system:serviceaccounts:shop']),
  })
  store.remove('api/v1/serviceaccounts', account)
  expect(tokens.userOf(token)).toBeNull()
})

test('a token that is bound to a pod ends with it', () => {
  const { store, account, pod, tokens } = world()
  const boundObjectRef = { kind: 'Pod', name: 'web', uid: 'two' }
  const { token } = tokens.issue(account, { boundObjectRef })
  expect(tokens.userOf(token)?.extra).toEqual({
    'authentication.kubernetes.io/pod-name': ['web'],
    'authentication.kubernetes.io/pod-uid': ['two'],
  })
  store.remove('api/v1/pods', pod)
  expect(tokens.userOf(token)).toBeNull()
})

test('another audience, another server, a changed or broken token: nobody', () => {
  const { account, tokens } = world()
  const { token } = tokens.issue(account, { audiences: ['elsewhere'] })
  const [header, , signature] = token.split('.')
  const claims = Buffer.from('{"sub":"system:serviceaccount:shop:admin"}').toString('base64url')
  for (const each of [token, `${header}.${claims}.${signature}`, 'a.b.c', 'nonsense', '']) {
    expect(tokens.userOf(each)).toBeNull()
  }
  expect(tokens.userOf(token, 'elsewhere')).not.toBeNull()
  expect(world().tokens.userOf(tokens.issue(account, {}).token)).toBeNull()
})

test('a token ends with its time', () => {
  const { account, tokens } = world()
  expect(tokens.userOf(tokens.issue(account, { expirationSeconds: -1 }).token)).toBeNull()
})
