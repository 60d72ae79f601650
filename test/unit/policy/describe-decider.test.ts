import { describeDecider } from '../../../src/policy/describe-decider.ts'
import type { Decider } from '../../../src/policy/index.ts'

const web: Decider = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'NetworkPolicy',
  namespace: 'shop',
  name: 'web',
  tier: 'default',
  rule: 0,
}
const global: Decider = { ...web, kind: 'GlobalNetworkPolicy', namespace: null, tier: 'security', rule: 2 }

test.each<[string, Decider]>([
  ['rule 0 of NetworkPolicy shop/web', web],
  ['rule 2 of GlobalNetworkPolicy web in tier security', global],
  ['end of tier default (isolated by NetworkPolicy shop/web)', { ...web, rule: null }],
  ['end of tier security (isolated by GlobalNetworkPolicy web)', { ...global, rule: null }],
  ['no policy decided', { ...web, kind: 'Profile', name: 'kns.shop', tier: '' }],
  ['TCP/22 is a failsafe port', { ...web, kind: 'Failsafe', name: 'TCP/22' }],
  [
    'no policy or profile of HostEndpoint h allows it',
    { ...web, kind: 'HostEndpoint', name: 'h', rule: null },
  ],
  ['VXLAN from a pod is dropped before any policy', { ...web, kind: 'Guard', name: 'VXLAN from a pod' }],
])('%s', (text, decider) => {
  expect(describeDecider(decider)).toBe(text)
})
