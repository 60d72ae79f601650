import type { LintRule } from '../lint-rule.ts'
import { allowAllEgress, allowAllIngress } from './allow-all.ts'
import { brokenSelectorBroadens } from './broken-selector-broadens.ts'
import { brokenSelectorDrops } from './broken-selector-drops.ts'
import { calicoOnlyLabel } from './calico-only-label.ts'
import { calicoTypesOmitted } from './calico-types-omitted.ts'
import { clusterDenyOutside } from './cluster-deny-leaves-outside.ts'
import { denyBlockOverPods } from './deny-block-over-pods.ts'
import { dnsBlocked } from './dns-blocked.ts'
import { dnsServerClosed } from './dns-server-closed.ts'
import { dnsToNobody } from './dns-to-nobody.ts'
import { dnsUdpOnly } from './dns-udp-only.ts'
import { duplicateObject } from './duplicate-policy.ts'
import { emptyEgress } from './empty-egress-without-type.ts'
import { emptyPeerList } from './empty-peer-list.ts'
import { emptyServiceAccounts } from './empty-service-accounts.ts'
import { exceptReallowed } from './except-without-effect.ts'
import { lostFamily } from './exception-drops-rule.ts'
import { clusterPolicyPeer } from './experimental-peer.ts'
import { foreignField } from './field-of-other-kind.ts'
import { globalPolicyHosts } from './global-policy-on-hosts.ts'
import { globalSetFromNamespace } from './global-set-from-namespace.ts'
import { hostEndpointWithoutPolicy } from './host-endpoint-without-policy.ts'
import { hostNetworkCovered } from './host-network-not-covered.ts'
import { hostNetworkPeer } from './host-network-peer.ts'
import { hostOnlyPolicy } from './host-policy-selects-pods.ts'
import { httpIgnored } from './http-ignored.ts'
import { icmpIsIpv4 } from './icmp-is-ipv4.ts'
import { implicitIngress } from './implicit-ingress-isolation.ts'
import { impossibleSelector } from './impossible-selector.ts'
import { egressWithoutIngress, ingressWithoutEgress } from './ingress-without-egress.ts'
import { internetIncludesPods } from './internet-includes-pods.ts'
import { refused } from './invalid-policy.ts'
import { ipBlockHostBits } from './ip-block-host-bits.ts'
import { ipBlockOfServices } from './ip-block-of-services.ts'
import { ipBlockOverPods } from './ip-block-over-pods.ts'
import { logOnly } from './log-only.ts'
import { metadataServiceRule } from './metadata-service.ts'
import { misplacedField } from './misplaced-field.ts'
import { namedPortOutside } from './named-port-outside.ts'
import { namedPortProtocol } from './named-port-protocol.ts'
import { namedPortUnresolved } from './named-port-unresolved.ts'
import { namespaceOmitted } from './namespace-omitted.ts'
import { namespaceSelectorByName } from './namespace-selector-by-name.ts'
import { noDefaultDeny } from './namespace-without-default-deny.ts'
import { destinationNarrows } from './near-side-narrows.ts'
import { negationMatchesUnlabelled } from './negation-matches-unlabelled.ts'
import { orInsteadOfAnd } from './or-instead-of-and.ts'
import { orderTie } from './order-tie.ts'
import { passInLastTier } from './pass-in-last-tier.ts'
import { peerInOwnNamespace } from './peer-in-own-namespace.ts'
import { peerMatchesNothing } from './peer-matches-nothing.ts'
import { policySelectsNothing } from './policy-selects-nothing.ts'
import { portProtocolAssumed } from './port-protocol-assumed.ts'
import { icmpWithPorts } from './ports-of-protocol-without-ports.ts'
import { portsWithoutProtocol } from './ports-without-protocol.ts'
import { rulesOfUnlistedType } from './rules-of-unlisted-type.ts'
import { selectorAndNets } from './selector-and-nets.ts'
import { servicePortRule } from './service-port.ts'
import { unknownService } from './service-without-endpoints.ts'
import { serviceWithoutNamespace } from './service-without-namespace.ts'
import { redundantPolicy, redundantRule, shadowedRule } from './shadowed-rule.ts'
import { stagedTwin } from './staged-behind-its-twin.ts'
import { stagedDelete } from './staged-delete.ts'
import { stagedLeftBehind } from './staged-left-behind.ts'
import { storageKind } from './storage-api-group.ts'
import { tierWithoutOrder } from './tier-without-order.ts'
import { tierWithoutPolicies } from './tier-without-policies.ts'
import { unknownField } from './unknown-field.ts'
import { unknownNamespace } from './unknown-namespace.ts'
import { unknownTier } from './unknown-tier.ts'
import { vxlanFromPod } from './vxlan-from-pod.ts'
import { withdrawnKind } from './withdrawn-kind.ts'

/** Every rule, in the order of their ids. */
export const lintRules: readonly LintRule[] = [
  allowAllIngress,
  allowAllEgress,
  brokenSelectorBroadens,
  brokenSelectorDrops,
  calicoOnlyLabel,
  calicoTypesOmitted,
  clusterDenyOutside,
  clusterPolicyPeer,
  denyBlockOverPods,
  destinationNarrows,
  dnsBlocked,
  dnsServerClosed,
  dnsToNobody,
  dnsUdpOnly,
  duplicateObject,
  emptyEgress,
  emptyPeerList,
  emptyServiceAccounts,
  exceptReallowed,
  foreignField,
  globalPolicyHosts,
  globalSetFromNamespace,
  hostNetworkCovered,
  hostNetworkPeer,
  hostOnlyPolicy,
  httpIgnored,
  icmpIsIpv4,
  icmpWithPorts,
  implicitIngress,
  impossibleSelector,
  ingressWithoutEgress,
  egressWithoutIngress,
  internetIncludesPods,
  hostEndpointWithoutPolicy,
  ipBlockHostBits,
  ipBlockOfServices,
  ipBlockOverPods,
  logOnly,
  lostFamily,
  metadataServiceRule,
  misplacedField,
  namedPortOutside,
  namedPortProtocol,
  namedPortUnresolved,
  namespaceOmitted,
  namespaceSelectorByName,
  negationMatchesUnlabelled,
  noDefaultDeny,
  orInsteadOfAnd,
  orderTie,
  passInLastTier,
  peerInOwnNamespace,
  peerMatchesNothing,
  policySelectsNothing,
  portProtocolAssumed,
  portsWithoutProtocol,
  refused,
  rulesOfUnlistedType,
  selectorAndNets,
  servicePortRule,
  serviceWithoutNamespace,
  shadowedRule,
  redundantRule,
  redundantPolicy,
  stagedDelete,
  stagedLeftBehind,
  stagedTwin,
  storageKind,
  tierWithoutOrder,
  tierWithoutPolicies,
  unknownField,
  unknownNamespace,
  unknownService,
  unknownTier,
  vxlanFromPod,
  withdrawnKind,
].sort((a, b) => (a.id < b.id ? -1 : 1))
