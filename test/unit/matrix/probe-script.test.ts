import { createSocket } from 'node:dgram'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../src/exec.ts'
import { probeScript } from '../../../src/matrix/probe-script.ts'
import { parseReport } from '../../../src/matrix/prober.ts'
import { eventually } from '../../support/eventually.ts'

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path))
let folder: string
let server: Server

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ztlab-probe-'))
  server = createServer((socket) => {
    // A prober that has seen enough may close before it has read.
    socket.on('error', () => undefined).end('hello')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/**
 * Milliseconds, longer than any of its processes may be kept from its turn, for what does not wait for their end. No whole
 * seconds, for which an nc of this machine would be taken.
 */
const patient = 3300
/** For what is sent by a program that takes whole seconds. */
const patientSeconds = 8000

test('where the image has a prober of this protocol, it takes over with the plan on its standard input', async () => {
  const agnhost = program(
    'own',
    '[ "$1 $2" = "probe --version" ] && exit 0; while read -r id rest; do printf "%s\\tOK\\t1\\tmine\\n" "$id"; done',
  )
  const report = await probe('p1\t2\ttcp\tweb\t80\t300\np2\t2\ttcp\tdb\t80\t300\n', {
    ZTLAB_AGNHOST: agnhost,
  })
  expect([...report.values()].map(({ outcome, detail }) => `${outcome} ${detail}`)).toEqual([
    'OK mine',
    'OK mine',
  ])
})

test.each([
  ['silent silent - -', 1],
  ['- silent -', 1],
  ['silent silent', 0],
  ['- -', 0],
])('the crowd that begins after those that are to be silent lets them begin: %s', async (row, pauses) => {
  const bin = mkdtempSync(join(folder, 'bin-'))
  const log = join(bin, 'log')
  writeFileSync(join(bin, 'sleep'), `#!/bin/sh\necho "$*" >>${log}\n`, { mode: 0o755 })
  const agnhost = program('quick', '[ "$1" != probe ]')
  const plan = row
    .split(' ')
    .map(
      (word, index) =>
        `${word}${index}\t2\ttcp\t10.0.0.${index}\t80\t300${word === 'silent' ? '\tsilent' : ''}\n`,
    )
    .join('')
  const env = { ZTLAB_AGNHOST: agnhost, PATH: `${bin}:${process.env.PATH}` }
  const { stdout } = await run(['/bin/sh', '-c', probeScript], { stdin: plan, env })
  const report = parseReport(stdout)
  expect([...report.values()].map(({ outcome }) => outcome)).toEqual(row.split(' ').map(() => 'OK'))
  expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe('0.2\n'.repeat(pauses))
})

test('phases run one after the other, the probes of one race', async () => {
  const log = join(folder, 'log')
  // Of the second phase none ends before the other has begun.
  const agnhost = program(
    'slow',
    `[ "$1" = probe ] && exit 1; echo "begin $2" >>${log}
    case $2 in 10.0.0.[23]:*) until [ $(grep -c 'begin 10.0.0.[23]:' ${log}) = 2 ]; do sleep 0.02; done ;; esac
    sleep 0.3; echo "end $2" >>${log}`,
  )
  const plan =
    'a\t1\ttcp\t10.0.0.1\t80\t300\nb\t2\ttcp\t10.0.0.2\t80\t300\nc\t2\ttcp\t10.0.0.3\t80\t300\nd\t3\ttcp\t10.0.0.4\t80\t300\n'
  const report = await probe(plan, { ZTLAB_AGNHOST: agnhost })
  expect([...report.keys()].sort()).toEqual(['a', 'b', 'c', 'd'])
  const { stdout } = await run(['cat', log])
  const lines = stdout.trim().split('\n')
  expect(lines.slice(0, 2)).toEqual(['begin 10.0.0.1:80', 'end 10.0.0.1:80'])
  expect(lines.slice(2, 4).sort()).toEqual(['begin 10.0.0.2:80', 'begin 10.0.0.3:80'])
  expect(lines.slice(-2)).toEqual(['begin 10.0.0.4:80', 'end 10.0.0.4:80'])
})

test.each([
  ['TIMEOUT', 'TIMEOUT'],
  ['REFUSED', 'REFUSED'],
  ['TIMEOUT: read udp 10.0.0.1:4->10.0.0.2:80: i/o timeout', 'TIMEOUT'],
  ['REFUSED: read udp 10.0.0.1:4->10.0.0.2:80: read: connection refused', 'REFUSED'],
  ['DNS: lookup web on 10.96.0.10:53: no such host', 'DNS'],
  ['DNS: lookup web on 10.96.0.10:53: read udp 10.0.0.1:4->10.96.0.10:53: i/o timeout', 'DNS-TIMEOUT'],
  ['OTHER: dial tcp 10.0.0.1:80: connect: no route to host', 'UNREACHABLE'],
  ['OTHER: dial tcp 10.0.0.1:80: connect: network is unreachable', 'UNREACHABLE'],
  ['OTHER: dial tcp 10.0.0.1:80: connect: permission denied', 'PROHIBITED'],
  ['OTHER: read tcp: connection reset by peer', 'RESET'],
  ['OTHER: something new', 'OTHER'],
])("agnhost's %j is %s", async (said, outcome) => {
  const agnhost = program(
    `says-${outcome}-${said.length}`,
    `[ "$1" = probe ] && exit 1; echo '${said}' >&2; exit 1`,
  )
  const report = await probe(`p1\t2\ttcp\tweb\t80\t${patient}\n`, { ZTLAB_AGNHOST: agnhost })
  expect(report.get('p1')).toMatchObject({ outcome, detail: said })
})

describe('a name', () => {
  // As agnhost does: it resolves, for as long as that takes, and only then minds its own timeout.
  const connecting = (resolution: string, connection: string) =>
    `[ "$1" = probe ] && exit 1; case $3 in *1ns) ${resolution}; echo TIMEOUT >&2; exit 1 ;; esac; ${connection}`
  const ask = async (name: string, body: string, timeoutMs = patient) => {
    const started = performance.now()
    const report = await probe(`p1\t2\ttcp\tweb\t80\t${timeoutMs}\n`, {
      ZTLAB_AGNHOST: program(name, body),
    })
    return { ...report.get('p1')!, tookMs: performance.now() - started }
  }

  test('that nobody resolves is DNS-TIMEOUT, a second after the timeout', async () => {
    const answer = await ask('no-dns', connecting('exec sleep 300', 'exit 0'), 300)
    expect(answer.outcome).toBe('DNS-TIMEOUT')
    expect(answer.detail).toBe('DNS: no answer, timeout after 2 s')
    expect(answer.tookMs).toBeGreaterThan(1900)
  })

  test('that resolves, to somebody who is silent, is TIMEOUT', async () => {
    expect(await ask('silent', connecting(':', 'echo TIMEOUT >&2; exit 1'))).toMatchObject({
      outcome: 'TIMEOUT',
    })
  })

  test('that resolves, to somebody who answers, is OK', async () => {
    expect(await ask('answers', connecting(':', 'exit 0'))).toMatchObject({ outcome: 'OK', detail: '' })
  })

  test('whose connection does not end in time is no verdict', async () => {
    const answer = await ask('stuck', connecting(':', 'exec sleep 300'), 1300)
    expect(answer).toMatchObject({ outcome: 'OTHER', detail: 'agnhost did not end, connected or not' })
  })

  test('whose look-up is killed by others is no verdict', async () => {
    expect(await ask('killed', connecting('kill -9 $$', 'exit 0'))).toMatchObject({ outcome: 'OTHER' })
  })
})

test.each(['sh', 'bash', 'busybox'])(
  'a probe that ends early leaves no process behind: %s',
  async (shell) => {
    const agnhost = program('marked', '[ "$1" = probe ] && exit 1; exit 0')
    const argv = shell === 'busybox' ? ['busybox', 'sh'] : [shell]
    const plan = 'p1\t2\ttcp\tweb\t80\t600300\np2\t2\ttcp\t10.0.0.1\t80\t600300\n'
    const env = { ZTLAB_AGNHOST: agnhost, ZTLAB_TEST_MARK: `${folder} ${shell}` }
    const { stdout } = await run([...argv, '-c', probeScript], { stdin: plan, env })
    expect([...parseReport(stdout).values()].map(({ outcome }) => outcome)).toEqual(['OK', 'OK'])
    // Whoever was killed may need a moment; whoever was not stays for ten minutes.
    await eventually(async () => {
      const left = readdirSync('/proc').filter((pid) => environmentOf(pid).includes(env.ZTLAB_TEST_MARK))
      expect(left).toEqual([])
    })
  },
)

test("beside agnhost OpenBSD's nc tells by UDP an answer from silence, and leaves the rest to agnhost", async () => {
  const agnhost = program('refuses', '[ "$1" = probe ] && exit 1; echo "REFUSED: $*" >&2; exit 1')
  const tools = join(folder, 'openbsd')
  await run(['mkdir', '-p', tools])
  // As Debian's 1.219 does: the address comes before the port.
  program(
    'openbsd/nc',
    `case $* in
      -h) echo 'OpenBSD netcat (Debian patchlevel 1.219-1)' >&2 ;;
      '-u -W 1 -w 8 10.0.0.1 80') read -r said; [ "$said" = hostname ] && printf me ;;
      '-u -W 1 -w 1 10.0.0.2 80') sleep 1 ;;
      '-u -W 1 -w 8 10.0.0.3 80') ;;
    esac`,
  )
  const plan = [1, 2, 3].map((host) =>
    [`p${host}`, 2, 'udp', `10.0.0.${host}`, 80, host === 2 ? 1000 : patientSeconds].join('\t'),
  )
  const env = { ZTLAB_AGNHOST: agnhost, PATH: `${tools}:${process.env.PATH}` }
  const { stdout } = await run(['/bin/sh', '-c', probeScript], { stdin: `${plan.join('\n')}\n`, env })
  const report = parseReport(stdout)
  expect([1, 2, 3].map((host) => report.get(`p${host}`)?.outcome)).toEqual(['OK', 'TIMEOUT', 'REFUSED'])
  expect(report.get('p3')!.detail).toContain('connect 10.0.0.3:80')
})

test('where the container is agnhost netexec, that sends by UDP: for a host over one connection, as far as it answers', async () => {
  if (!busybox) {
    process.stderr.write('skipped: busybox is not installed (apt-get install busybox)\n')
    return
  }
  const answers: Record<string, string> = {
    '10.0.0.1': '{"responses":["me"]}',
    '10.0.0.3': `{"errors":["reading from udp connection failed. err:'read: connection refused'"]}`,
  }
  const connections = new Map<string, Set<unknown>>()
  let hangs = false
  const netexec = createHttpServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://dial')
    const host = searchParams.get('host')!
    connections.set(host, (connections.get(host) ?? new Set()).add(request.socket))
    if (pathname === '/hostname' && !hangs) response.end('me')
    // Silence is for whoever asked to give up.
    else if (answers[host] && !hangs) response.end(answers[host])
  })
  await new Promise<void>((resolve) => netexec.listen(0, resolve))
  const agnhost = program('never', '[ "$1" = probe ] && exit 1; echo "OTHER: $*" >&2; exit 1')
  const init = join(folder, 'init')
  writeFileSync(
    init,
    `/agnhost\0netexec\0--http-port=${(netexec.address() as AddressInfo).port}\0--udp-port=80\0`,
  )
  const tools = join(folder, 'netexec')
  await run(['mkdir', '-p', tools])
  for (const tool of ['sh', 'nc', 'cat', 'tr', 'cut', 'sed', 'sleep']) symlinkSync(busybox, join(tools, tool))
  const ask = async (script: string, answerTimeoutMs: number) => {
    const plan = [
      ['answers', 2, 'udp', '10.0.0.1', 80, answerTimeoutMs],
      ['answers-too', 2, 'udp', '10.0.0.1', 81, answerTimeoutMs],
      ['silent', 2, 'udp', '10.0.0.2', 80, 1000],
      ['known-to-be-silent', 2, 'udp', '10.0.0.2', 81, 1000, 'silent'],
      ['refuses', 2, 'udp', '10.0.0.3', 80, answerTimeoutMs],
    ]
    const { stdout } = await run([busybox, 'sh', '-c', script], {
      stdin: `${plan.map((line) => line.join('\t')).join('\n')}\n`,
      env: { ZTLAB_AGNHOST: agnhost, ZTLAB_INIT: init, PATH: tools },
    })
    return Object.fromEntries([...parseReport(stdout)].map(([id, { outcome }]) => [id, outcome]))
  }
  // Whoever answers late is asked alone, on a connection of its own: here that takes longer than usual.
  const waiting = probeScript.replace('"$several" 0.25', '"$several" 3')
  expect(waiting).not.toBe(probeScript)
  expect(await ask(waiting, patientSeconds)).toEqual({
    answers: 'OK',
    'answers-too': 'OK',
    silent: 'TIMEOUT',
    'known-to-be-silent': 'TIMEOUT',
    refuses: 'REFUSED',
  })
  expect(connections.get('10.0.0.1')!.size).toBe(1)
  // Its own silence is none of whom it was to ask: that is for agnhost.
  hangs = true
  expect(new Set(Object.values(await ask(probeScript, 1000)))).toEqual(new Set(['OTHER']))
  netexec.closeAllConnections()
  netexec.close()
})

test('whatever language an image speaks, programs are asked in English', async () => {
  const agnhost = program('speaks', '[ "$1" = probe ] && exit 1; echo "OTHER: $LC_ALL" >&2; exit 1')
  const report = await probe(`p1\t2\ttcp\t10.0.0.1\t80\t${patient}\n`, {
    ZTLAB_AGNHOST: agnhost,
    LC_ALL: 'de_DE.UTF-8',
  })
  expect(report.get('p1')!.detail).toBe('OTHER: C')
})

test('hosts are data: nothing in a plan is ever run', async () => {
  const agnhost = program('echo', '[ "$1" = probe ] && exit 1; echo "OTHER: $2" >&2; exit 1')
  const host = `$(touch ${folder}/owned)\`touch ${folder}/owned\`;touch ${folder}/owned`
  const report = await probe(`p1\t2\ttcp\t${host}\t80\t${patient}\n`, { ZTLAB_AGNHOST: agnhost })
  expect(report.get('p1')!.detail).toContain('$(touch')
  expect(existsSync(join(folder, 'owned'))).toBe(false)
})

test('with busybox alone: nc answers for TCP and UDP', async () => {
  if (!busybox) {
    process.stderr.write('skipped: busybox is not installed (apt-get install busybox)\n')
    return
  }
  const tools = join(folder, 'tools')
  await run(['mkdir', '-p', tools])
  for (const tool of ['sh', 'nc', 'nslookup', 'timeout', 'cat', 'tr', 'cut', 'printf', 'sleep', 'sed']) {
    symlinkSync(busybox, join(tools, tool))
  }
  const help = await run([busybox, 'nc', '--help'], { allowFailure: true })
  const hasUdp = /^\s+-u\s/m.test(help.stdout + help.stderr)
  const udp = createSocket('udp4', (_message, from) => udp.send('me', from.port, from.address))
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  const silent = createSocket('udp4', () => {})
  await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const plan = [
    ['open', 1, 'tcp', '127.0.0.1', port, patientSeconds],
    ['closed', 1, 'tcp', '127.0.0.1', 1, patientSeconds],
    ['udp', 2, 'udp', '127.0.0.1', udp.address().port, patientSeconds],
    ['silent', 2, 'udp', '127.0.0.1', silent.address().port, 1000],
    ['sctp', 3, 'sctp', '127.0.0.1', 1, 1000],
  ]
  const report = await probe(`${plan.map((line) => line.join('\t')).join('\n')}\n`, {
    ZTLAB_AGNHOST: '/nonexistent',
    PATH: tools,
  })
  udp.close()
  silent.close()
  expect(Object.fromEntries([...report].map(([id, { outcome }]) => [id, outcome]))).toEqual({
    open: 'OK',
    closed: 'REFUSED',
    // Debian builds its busybox without UDP in nc: then the answer is no verdict, and says why.
    udp: hasUdp ? 'OK' : 'UNSUPPORTED',
    silent: hasUdp ? 'TIMEOUT' : 'UNSUPPORTED',
    sctp: 'UNSUPPORTED',
  })
  if (!hasUdp) expect(report.get('udp')!.detail).toContain('the nc of this image cannot probe by udp')
})

test.each(['bash', 'curl'])('with %s alone: TCP, and UDP where it can', async (tool) => {
  const path = ['/bin', '/usr/bin'].map((folder) => join(folder, tool)).find((file) => existsSync(file))
  if (!path) {
    process.stderr.write(`skipped: ${tool} is not installed (apt-get install ${tool})\n`)
    return
  }
  const tools = join(folder, `tools-${tool}`)
  await run(['mkdir', '-p', tools])
  for (const name of ['sh', 'cat', 'tr', 'cut', 'sleep', 'sed']) {
    symlinkSync(
      ['/bin', '/usr/bin'].map((place) => join(place, name)).find((file) => existsSync(file))!,
      join(tools, name),
    )
  }
  symlinkSync(path, join(tools, tool))
  const udp = createSocket('udp4', (_message, from) => udp.send('me', from.port, from.address))
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  const silent = createSocket('udp4', () => {})
  await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const plan = [
    ['open', 1, 'tcp', '127.0.0.1', port, patientSeconds],
    ['closed', 1, 'tcp', '127.0.0.1', 1, patientSeconds],
    ['udp', 2, 'udp', '127.0.0.1', udp.address().port, patientSeconds],
    ['silent', 2, 'udp', '127.0.0.1', silent.address().port, 1000],
    ['refused', 2, 'udp', '127.0.0.1', 1, patientSeconds],
  ]
  const report = await probe(`${plan.map((line) => line.join('\t')).join('\n')}\n`, {
    ZTLAB_AGNHOST: '/nonexistent',
    PATH: tools,
  })
  udp.close()
  silent.close()
  const byUdp = (outcome: string) => (tool === 'bash' ? outcome : 'UNSUPPORTED')
  expect(Object.fromEntries([...report].map(([id, { outcome }]) => [id, outcome]))).toEqual({
    open: 'OK',
    closed: 'REFUSED',
    udp: byUdp('OK'),
    silent: byUdp('TIMEOUT'),
    refused: byUdp('REFUSED'),
  })
})

test('an image without any prober says so and fails', async () => {
  const sh = ['/bin/sh', '/usr/bin/sh'].find((path) => existsSync(path))!
  const ended = await run([sh, '-c', probeScript], {
    env: { ZTLAB_AGNHOST: '/nonexistent', PATH: '/nonexistent' },
    allowFailure: true,
  })
  expect(ended).toMatchObject({
    code: 97,
    stderr: 'this image has neither agnhost nor nc, bash, curl or wget\n',
  })
})

function environmentOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'environ'), 'utf8')
  } catch {
    return ''
  }
}

function program(name: string, body: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

async function probe(stdin: string, env: Record<string, string>) {
  const shell = env.PATH ? join(env.PATH, 'sh') : 'sh'
  const { stdout } = await run([shell, '-c', probeScript], { stdin, env })
  return parseReport(stdout)
}
