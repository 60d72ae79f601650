import { parseConntrack } from '../../../../src/cluster/flows/conntrack.ts'
import { merged } from '../../../../src/cluster/flows/queue.ts'
import { isLoopback, parseSockets } from '../../../../src/cluster/flows/sockets.ts'

test('a tracked connection leads through a Service to who answers', () => {
  const file =
    'ipv4     2 tcp      6 108 ESTABLISHED src=192.168.1.5 dst=10.96.0.7 sport=46144 dport=80 src=192.168.2.9 dst=192.168.1.5 sport=8080 dport=46144 [ASSURED] mark=0 zone=0 use=2\n'
  const tool =
    'udp      17 25 src=192.168.1.5 dst=10.96.0.10 sport=5 dport=53 [UNREPLIED] src=192.168.2.2 dst=192.168.1.5 sport=53 dport=5 mark=0 use=1\n'
  expect(parseConntrack(file + tool)).toEqual([
    { protocol: 'TCP', source: '192.168.1.5', dialled: '10.96.0.7', destination: '192.168.2.9', port: 8080 },
    { protocol: 'UDP', source: '192.168.1.5', dialled: '10.96.0.10', destination: '192.168.2.2', port: 53 },
  ])
  expect(parseConntrack('conntrack v1.4 (conntrack-tools): 2 flow entries\n')).toEqual([])
})

test('the kernel writes every digit of IPv6; here addresses are what the API calls them', () => {
  const file =
    'ipv6     10 tcp      6 108 ESTABLISHED src=fd00:0010:0244:0001:0000:0000:0000:0002 dst=fd00:0010:0096:0000:0000:0000:0000:0100 sport=46144 dport=80 src=fd00:0010:0244:0002:0000:0000:0000:0001 dst=fd00:0010:0244:0001:0000:0000:0000:0002 sport=8080 dport=46144 use=2\n'
  expect(parseConntrack(file)).toEqual([
    {
      protocol: 'TCP',
      source: 'fd00:10:244:1::2',
      dialled: 'fd00:10:96::100',
      destination: 'fd00:10:244:2::1',
      port: 8080,
    },
  ])
})

test('sockets of a pod: what listens tells what came in from what went out', () => {
  const tables = `== tcp
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0501A8C0:0050 0902A8C0:A188 01 00000000:00000000 00:00000000 00000000     0        0 2
   2: 0501A8C0:B440 0700600A:1F90 01 00000000:00000000 00:00000000 00000000     0        0 3
   3: 0100007F:B440 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4
== tcp6
  sl  local_address                         remote_address                        st tx_queue rx_queue tr
   0: 0000000000000000FFFF00000501A8C0:0050 0000000000000000FFFF00000A02A8C0:A188 01 00000000:00000000 00
== udp
   0: 0501A8C0:9C40 0A00600A:0035 01 00000000:00000000 00:00000000 00000000     0        0 5
`
  expect(parseSockets(tables)).toEqual([
    { protocol: 'TCP', remote: '192.168.2.9', port: 80, incoming: true },
    { protocol: 'TCP', remote: '10.96.0.7', port: 8080, incoming: false },
    { protocol: 'TCP', remote: '192.168.2.10', port: 80, incoming: true },
    { protocol: 'UDP', remote: '10.96.0.10', port: 53, incoming: false },
  ])
})

test('producers run side by side; a failure of one comes after what was pushed', async () => {
  const seen: number[] = []
  const read = async () => {
    for await (const item of merged<number>([
      async (push) => push([1, 2]),
      async () => {
        throw new Error('node gone')
      },
    ]))
      seen.push(item)
  }
  await expect(read()).rejects.toThrow('node gone')
  expect(seen).toEqual([1, 2])
})

test('a loopback is known in every form that the kernel prints', () => {
  const own = ['127.0.0.1', '127.0.0.53', '::1', '0:0:0:0:0:0:0:1', '0000:0000:0000:0000:0000:0000:0000:0001']
  expect(own.filter((address) => !isLoopback(address))).toEqual([])
  expect(['10.0.0.1', '192.168.127.1', 'fd00::1', '0:0:0:0:0:ffff:a00:1'].filter(isLoopback)).toEqual([])
})
