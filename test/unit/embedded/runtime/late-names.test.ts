import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../../../src/project-root.ts'
import { openNetworkNamespace, testInNamespaces } from '../../../support/network-namespace.ts'

const agnhost = join(projectRoot(), 'src/embedded/runtime/agent/agnhost')

/** Answers with 10.9.9.2 whoever asks again, and nobody before; who asks for `never` is not answered at all. */
const lateServer = `
const server = require('node:dgram').createSocket('udp4')
const asked = new Set()
server.on('message', (query, { port, address }) => {
  if (query.includes('never') || !asked.has(port)) return void asked.add(port)
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 9, 9, 2])
  const reply = Buffer.concat([query, answer])
  reply.writeUInt16BE(0x8180, 2)
  reply.writeUInt16BE(1, 6)
  server.send(reply, port, address)
})
server.bind(53, '127.0.0.1', () => console.log('ready'))
`

testInNamespaces(
  'a name that comes late is waited for where the connection is foreseen to be silent',
  ['ip', 'mount'],
  async () => {
    const namespace = await openNetworkNamespace()
    await namespace.run(['ip', 'link', 'set', 'lo', 'up'])
    await namespace.run(['ip', 'link', 'add', 'away', 'type', 'veth', 'peer', 'name', 'gone'])
    await namespace.run(['ip', 'address', 'add', '10.9.9.1/24', 'dev', 'away'])
    for (const end of ['away', 'gone']) await namespace.run(['ip', 'link', 'set', end, 'up'])
    // Whatever is sent there is lost.
    await namespace.run(['ip', 'neigh', 'add', '10.9.9.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'away'])
    const argv = [...namespace.enter, process.execPath, '-e', lateServer]
    const server = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
    namespace.onClose(() => server.kill('SIGKILL'))
    await once(server.stdout, 'data')

    const folder = mkdtempSync(join(tmpdir(), 'ztlab-names-'))
    try {
      const file = join(folder, 'resolv.conf')
      writeFileSync(file, 'nameserver 127.0.0.1\n')
      const line = (id: string) => `${id}\t2\ttcp\t${id}.example.\t80\t300\tsilent\t3000\n`
      const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
      const said = await namespace.run(
        ['unshare', '--mount', 'sh', '-c', script, file, 'perl', agnhost, 'probe'],
        `${line('late')}${line('never')}`,
      )
      expect(said.split('\n').map((each) => each.split('\t').slice(0, 2).join(' '))).toEqual([
        'late TIMEOUT',
        'never DNS-TIMEOUT',
        '',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
