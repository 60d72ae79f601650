import { endedState, lostState, notStartedState } from '../../../../src/embedded/kubelet/container-state.ts'

const run = { id: 'abc', startedAt: new Date('2026-11-27T08:00:00Z') }
const finishedAt = new Date('2026-11-27T08:00:05.900Z')

test.each([
  [0, 0, false, { exitCode: 0, reason: 'Completed' }],
  [3, 0, false, { exitCode: 3, reason: 'Error' }],
  [137, 9, false, { exitCode: 137, reason: 'Error', signal: 9 }],
  [137, 9, true, { exitCode: 137, reason: 'OOMKilled', signal: 9 }],
])('a run that ended with %d by signal %d', (exitCode, signal, isOutOfMemory, expected) => {
  const state = endedState(run, { exitCode, signal, finishedAt }, { message: '', isOutOfMemory })
  expect(state).toEqual({
    ...expected,
    startedAt: '2026-11-27T08:00:00Z',
    finishedAt: '2026-11-27T08:00:05Z',
    containerID: 'runc://abc',
  })
})

test('what it left as its message is told', () => {
  const status = { exitCode: 1, signal: 0, finishedAt }
  expect(endedState(run, status, { message: 'why', isOutOfMemory: false }).message).toBe('why')
})

test('a run that never began ended with 128, long ago', () => {
  expect(notStartedState('abc', 'no such file')).toMatchObject({
    ...{ exitCode: 128, reason: 'StartError', message: 'no such file' },
    ...{ startedAt: '1970-01-01T00:00:00Z', containerID: 'runc://abc' },
  })
})

test('only what ran can be lost', () => {
  const waiting = { waiting: { reason: 'ContainerCreating' } }
  expect(lostState(waiting, '')).toBe(waiting)
  const startedAt = '2026-11-27T08:00:00Z'
  expect(lostState({ running: { startedAt } }, 'abc')).toMatchObject({
    terminated: { exitCode: 255, reason: 'Unknown', startedAt, containerID: 'runc://abc' },
  })
})
