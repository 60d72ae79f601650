import { exitStatus } from '../../../../src/embedded/kubelet/exec-session.ts'

test('exit code 0 is a Success', () => {
  expect(exitStatus(0)).toMatchObject({ status: 'Success' })
})

test('any other code is a Failure from whose causes clients read it', () => {
  expect(exitStatus(7)).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  })
})
