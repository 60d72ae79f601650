import { execRefusal } from '../../../../src/embedded/runtime/index.ts'

test('a program that is not there is no exit code, although runc makes it 255', () => {
  const line = String.raw`time="2026-11-23T11:43:39Z" level=error msg="exec failed: unable to start container process: exec: \"/no\": stat /no: no such file or directory"`
  expect(execRefusal(255, `${line}\n`)).toBe(
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "/no": stat /no: no such file or directory',
  )
  expect(execRefusal(255, 'my own words\n')).toBeNull()
  expect(execRefusal(1, `${line}\n`)).toBeNull()
})
