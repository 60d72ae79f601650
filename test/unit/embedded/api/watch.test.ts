import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { jest } from '@jest/globals'
import type { ResourceType } from '../../../../src/embedded/api-client/index.ts'
import { resources } from '../../../../src/embedded/api-client/index.ts'
import { object, withApi } from './harness.ts'

const configMaps: ResourceType = resources.configMaps
const map = (name: string, size: number) =>
  object('v1', 'ConfigMap', { name, namespace: 'shop' }, { data: { text: 'x'.repeat(size) } })

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] })
})
afterEach(() => {
  jest.useRealTimers()
})

test('a watch whose time is over, and whose client has not read it all, is told of nothing more', () =>
  withApi(async ({ client, directory }) => {
    // More than the kernel keeps for a reader.
    for (const name of ['one', 'two', 'three']) await client.create(configMaps, map(name, 500_000))
    const timers = jest.getTimerCount()
    const socket = connect(join(directory, 'api.sock'))
    socket.write(
      'GET /api/v1/namespaces/shop/configmaps?watch=true&timeoutSeconds=1 HTTP/1.1\r\nHost: api\r\n\r\n',
    )
    while (jest.getTimerCount() === timers) await turn()
    await client.create(configMaps, map('in-time', 1))
    jest.advanceTimersByTime(1000)
    for (let count = 0; count < 10; count++) await client.create(configMaps, map(`late-${count}`, 1))
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.endsWith('\r\n0\r\n\r\n')) socket.end()
    })
    await once(socket, 'close')
    expect(text).toContain('"name":"three"')
    expect(text).toContain('"name":"in-time"')
    expect(text).not.toContain('"name":"late-')
  }))
