import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { containerUser } from '../../../../src/embedded/kubelet/container-user.ts'

let rootPath: string
beforeEach(() => {
  rootPath = mkdtempSync(join(tmpdir(), 'ztlab-test-'))
  mkdirSync(join(rootPath, 'etc'))
  writeFileSync(join(rootPath, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:1001:3000::/:/bin/sh\n')
  writeFileSync(join(rootPath, 'etc/group'), 'root:x:0:\ntools:x:3000:\nextra:x:4000:app,root\n')
})
afterEach(() => rmSync(rootPath, { recursive: true, force: true }))

const userOf = (security: object, imageUser?: string) =>
  containerUser(security, { imageUser, rootPath, mapsUserRange: true })

test.each([
  [{}, undefined, { uid: 0, gid: 0, additionalGids: [0, 4000] }],
  [{}, 'app', { uid: 1001, gid: 3000, additionalGids: [3000, 4000] }],
  [{}, '1001:7', { uid: 1001, gid: 7, additionalGids: [7, 4000] }],
  [{}, 'app:extra', { uid: 1001, gid: 4000, additionalGids: [4000] }],
  [{}, '77', { uid: 77, gid: 0, additionalGids: [0] }],
  [{ runAsUser: 1001 }, 'root', { uid: 1001, gid: 3000, additionalGids: [3000, 4000] }],
  [
    { runAsUser: 5, runAsGroup: 6, fsGroup: 8, supplementalGroups: [9] },
    'app',
    { uid: 5, gid: 6, additionalGids: [6, 9, 8] },
  ],
])('%j with an image of user %j runs as %j', (security, imageUser, expected) => {
  expect(userOf(security, imageUser)).toEqual(expected)
})

test.each([
  [{}, 'nobody', 'unable to find user nobody'],
  [{}, 'app:none', 'unable to find group none'],
  [{ runAsNonRoot: true }, 'app', 'image has non-numeric user (app), cannot verify user is non-root'],
  [{ runAsNonRoot: true }, '0', 'image will run as root'],
])('%j with an image of user %j is refused: %s', (security, imageUser, message) => {
  expect(() => userOf(security, imageUser)).toThrow(message)
})

test('a passwd file that is a link is not followed out of the image', () => {
  rmSync(join(rootPath, 'etc/passwd'))
  symlinkSync('/etc/passwd', join(rootPath, 'etc/passwd'))
  expect(() => userOf({}, 'root')).toThrow('unable to find user root')
})
