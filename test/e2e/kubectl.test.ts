import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { kubectlEnvironment, testWithKubectl } from '../support/kubectl.ts'
import { fixtureLabs, homeForTests, startProgram } from '../support/ztlab.ts'

const home = homeForTests()
const workloads = join(fixtureLabs, 'tiny/workloads.yaml')

const title = 'kubectl works with a running cluster: apply, get, wait, exec, logs, describe, patch, delete'
testWithKubectl(title, useKubectl, 300_000)

async function useKubectl(): Promise<void> {
  const up = await home.ztlab(['cluster', 'up', '--name', 'kubectl'])
  expect(up.code).toBe(0)
  const env = kubectlEnvironment(home, join(home.state, 'kubectl/kubeconfig'))
  const kubectl = async (line: string, stdin?: string) => {
    const finished = await startProgram(['kubectl', ...line.split(' ')], { env, stdin }).finished
    return { ...finished, lines: finished.stdout.trim().split('\n') }
  }
  const said = async (line: string, stdin?: string) => {
    const { code, stderr, lines } = await kubectl(line, stdin)
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' })
    return lines
  }

  expect(await said(`apply -f ${workloads}`)).toEqual([
    'namespace/tiny created',
    'pod/web created',
    'pod/client created',
  ])
  expect(await said('-n tiny wait --for=condition=Ready pod --all --timeout=60s')).toEqual([
    'pod/client condition met',
    'pod/web condition met',
  ])
  const [head, ...rows] = await said('get pods -A -o wide')
  expect(head!.split(/ {2,}/)).toEqual([
    ...['NAMESPACE', 'NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IP', 'NODE'],
    ...['NOMINATED NODE', 'READINESS GATES'],
  ])
  expect(
    rows.filter((row) => /^tiny +(web|client) +1\/1 +Running +0 +\S+ +192\.168\.\S+ +node-/.test(row)),
  ).toHaveLength(2)
  expect(rows.filter((row) => /^kube-system +coredns-\S+ +1\/1 +Running/.test(row))).toHaveLength(1)
  expect((await said('get nodes -o name')).sort()).toEqual(['node/node-1', 'node/node-2'])

  expect(await said('-n tiny exec client -- echo hello')).toEqual(['hello'])
  expect(await said('-n tiny exec -i client -- cat', 'piped through\n')).toEqual(['piped through'])
  const failing = await kubectl('-n tiny exec client -- ls /nowhere')
  expect(failing).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('/nowhere') })
  const address = (await said('-n tiny get pod web -o jsonpath={.status.podIP}'))[0]!
  const connected = `-n tiny exec client -- /agnhost connect ${address}:80 --timeout=10s`
  await said(connected)
  await eventually(async () => expect((await said('-n tiny logs web')).join('\n')).toMatch(/80/))
  const parts = [/^Name: +web$/m, /^Node: +node-\d\/172\.18\./m, /^Status: +Running$/m]
  // Events come after what they tell of.
  await eventually(async () => {
    const description = (await said('-n tiny describe pod web')).join('\n')
    for (const part of [...parts, /Scheduled/, /Started/]) expect(description).toMatch(part)
  })

  expect(await said('apply -f -', denyAll)).toEqual(['networkpolicy.projectcalico.org/deny-all created'])
  expect(await said('-n tiny get networkpolicies.p -o name')).toEqual([
    'networkpolicy.projectcalico.org/deny-all',
  ])
  // A policy is stored before it is in force.
  await eventually(async () => {
    const denied = await kubectl(`-n tiny exec client -- /agnhost connect ${address}:80 --timeout=300ms`)
    expect(denied).toMatchObject({ code: 1, stderr: expect.stringContaining('TIMEOUT') })
  })
  expect(await said('-n tiny delete -f -', denyAll)).toEqual([
    expect.stringMatching(/^networkpolicy\.projectcalico\.org "deny-all" deleted/),
  ])
  await eventually(() => said(connected))

  expect(await said('-n tiny label pod web tier=front')).toEqual(['pod/web labeled'])
  expect(await said('-n tiny get pods -l tier=front -o name')).toEqual(['pod/web'])
  await said('delete namespace tiny --timeout=60s')
  expect(await kubectl('-n tiny get pods')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('No resources found'),
  })
  expect((await home.ztlab(['cluster', 'down', '--name', 'kubectl'])).code).toBe(0)
}

const denyAll = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: deny-all, namespace: tiny }
spec: { selector: all(), types: [Ingress, Egress] }
`
