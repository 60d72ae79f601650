import type { DirectionVerdict } from '../evaluate/index.ts'
import type { Endpoint, TierPlan } from '../model/index.ts'
import { verdictOn } from './ask.ts'
import type { LintContext } from './lint-context.ts'
import { representatives } from './representatives.ts'

/** How a pod fares when it asks for a name. */
export interface DnsReach {
  pod: Endpoint
  udp: DirectionVerdict
  tcp: DirectionVerdict
}

/** One pod of each kind that may reach something; the best answer over all DNS pods. */
export function dnsReach(context: LintContext): DnsReach[] {
  const { model, dnsPods } = context
  const asking = representatives(context).filter(
    (pod) => !dnsPods.includes(pod) && mayReach(model.plan(pod, 'egress')),
  )
  return asking.flatMap((pod) => {
    const [udp, tcp] = [best(context, pod, 'UDP'), best(context, pod, 'TCP')]
    return udp && tcp ? [{ pod, udp, tcp }] : []
  })
}

/** Not closed altogether: a pod that may reach nothing needs no names. */
function mayReach(plans: TierPlan[]): boolean {
  const opens = plans.some(({ policies }) =>
    policies.some(({ staged, rules }) => !staged && rules.egress!.some(({ action }) => action === 'allow')),
  )
  return opens || plans.every(({ endAction }) => endAction === 'pass')
}

/** What the asking pod's own policies say; undefined where no DNS pod has an address of its family. */
function best(
  { model, dnsPods }: LintContext,
  pod: Endpoint,
  protocol: 'UDP' | 'TCP',
): DirectionVerdict | undefined {
  const verdicts = dnsPods.flatMap(
    ({ id }) => verdictOn(model, { source: pod.id, destination: id, protocol, port: 53 })?.egress ?? [],
  )
  return verdicts.find(({ verdict }) => verdict === 'allowed') ?? verdicts[0]
}
