// Stands for dist/control-plane.js: does as FAKE says. Its "node agent" is a process that only has the marks.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const option = (name) => process.argv[process.argv.indexOf(name) + 1]
const directory = option('--state')
const startTimeOf = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
const agent = spawn('sleep', ['60'], { stdio: 'ignore' })

writeFileSync(join(directory, 'kubeconfig'), 'a kubeconfig')
writeFileSync(
  join(directory, 'cluster.json'),
  JSON.stringify({
    name: option('--name'),
    nodes: ['node-1', 'node-2'],
    controlPlane: { pid: process.pid, startTime: startTimeOf(process.pid) },
    nodeAgent: { pid: agent.pid, startTime: startTimeOf(agent.pid) },
    rootless: process.env.FAKE === 'rootless',
  }),
)
process.stdin.on('end', () => process.exit(0))
process.stdin.resume()
const says = {
  refuse: '{"ready":false,"error":{"code":"missing-permission","message":"no namespaces","hint":"be root"}}',
  babble: 'hello',
}
if (process.env.FAKE === 'crash') {
  process.stderr.write('it hurts\n')
  process.exit(9)
}
if (process.env.FAKE !== 'silent') {
  process.stdout.write(`${says[process.env.FAKE] ?? '{"ready":true,"timings":{"api":12.4}}'}\n`)
}
setInterval(() => {}, 1000)
