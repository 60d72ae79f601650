import { two } from './patching.ts'
import { core, get, pod, podSpec, post, type Request, remove } from './request.ts'

const waiting = `${core}/pods/waiting`
const pair = `${core}/pods/pair`

/** Exec, attach, logs and port-forward of pods that no node has: what the API server itself says of them. */
export const streams: Request[] = [
  post('a pod that waits', `${core}/pods`, pod('waiting', podSpec)),
  post('a pod of two containers', `${core}/pods`, pod('pair', two.spec)),
  get('log of what waits', `${waiting}/log`),
  get('log of one of two, unnamed', `${pair}/log`),
  get('log of a container that is none', `${pair}/log?container=none`),
  get('log of a pod that is not there', `${core}/pods/none/log`),
  get('log with a negative tail', `${waiting}/log?tailLines=-1`),
  get('log with a tail of letters', `${waiting}/log?tailLines=many`),
  get('log of no bytes', `${waiting}/log?limitBytes=0`),
  get('log of two beginnings', `${waiting}/log?sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z`),
  get('log since nothing', `${waiting}/log?sinceSeconds=0`),
  get('log of a stream that is none', `${waiting}/log?stream=Stdall`),
  get('log of a stream and a tail', `${waiting}/log?stream=Stdout&tailLines=1`),
  get('exec without an upgrade', `${waiting}/exec?command=ls&stdout=true`),
  post('exec by post', `${waiting}/exec?command=ls&stdout=true`),
  get('exec in one of two, unnamed', `${pair}/exec?command=ls&stdout=true`),
  get('exec in a container that is none', `${pair}/exec?command=ls&container=none`),
  get('exec in a pod that is not there', `${core}/pods/none/exec?command=ls`),
  get('attach without an upgrade', `${waiting}/attach?stdout=true`),
  get('attach to one of two, unnamed', `${pair}/attach?stdout=true`),
  get('ports without an upgrade', `${waiting}/portforward?ports=80`),
  post('ports by post', `${waiting}/portforward`),
  get('ports of letters', `${waiting}/portforward?ports=http`),
  get('ports of a pod that is not there', `${core}/pods/none/portforward?ports=80`),
  remove('exec deleted', `${waiting}/exec`),
  remove('what waited is gone', waiting, { gracePeriodSeconds: 0 }),
  remove('the pair is gone', pair, { gracePeriodSeconds: 0 }),
]
