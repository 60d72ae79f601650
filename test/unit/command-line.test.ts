import { nodeSearchPath, searchPath } from '../../src/command-line.ts'

test('programs are looked for on PATH, then where the system has them', () => {
  expect(searchPath({ PATH: '/home/me/bin:/usr/bin' })).toBe(
    '/home/me/bin:/usr/bin:/usr/local/sbin:/usr/sbin:/sbin',
  )
  expect(searchPath({})).toBe('/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin')
})

test("a node's programs are the system's, whatever else has their names", () => {
  expect(nodeSearchPath({ PATH: '/opt/cni/bin:/usr/bin:/home/me/bin' })).toBe(
    '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/cni/bin:/home/me/bin',
  )
})
