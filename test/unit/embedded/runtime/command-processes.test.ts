import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { killCommand } from '../../../../src/embedded/runtime/command-processes.ts'

const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']

test('a command is killed with all that it has started, and runc ends by itself', async () => {
  const command = 'sleep 60 & echo begun; sleep 60'
  const runc = spawn('sh', ['-c', `setsid sh -c '${command}' & wait $!; exit 3`], { stdio })
  await once(runc.stdout, 'data')
  // Closed once nobody can say anything any more.
  const closed = once(runc, 'close')
  killCommand(runc.pid!)
  expect(await closed).toEqual([3, null])
})

test('runc itself is killed where nothing runs yet', async () => {
  const runc = spawn('sleep', ['60'], { stdio })
  const closed = once(runc, 'close')
  killCommand(runc.pid!)
  expect(await closed).toEqual([null, 'SIGKILL'])
  killCommand(runc.pid!)
})
