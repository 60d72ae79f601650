import { objectShape, type Shape } from '../policy/index.ts'

type Fields = Extract<Shape, { fields: unknown }>['fields']

/** Fields that a prediction reads, and the names of the others that are published. */
function partly(fields: Fields, others: string, required?: readonly string[]): Shape {
  return { fields, others: others.trim().split(/\s+/), ...(required && { required }) }
}

const protocol: Shape = { oneOf: ['TCP', 'UDP', 'SCTP'] }
const strings: Shape = { list: 'string' }

const container = partly(
  {
    name: 'string',
    restartPolicy: 'string',
    ports: {
      list: {
        fields: { name: 'string', containerPort: 'integer', protocol, hostPort: 'integer', hostIP: 'string' },
        required: ['containerPort'],
      },
    },
  },
  `args command env envFrom image imagePullPolicy lifecycle livenessProbe readinessProbe resizePolicy resources
  restartPolicyRules securityContext startupProbe stdin stdinOnce terminationMessagePath terminationMessagePolicy tty
  volumeDevices volumeMounts workingDir`,
)

const podSpec = partly(
  {
    containers: { list: container },
    initContainers: { list: container },
    hostNetwork: 'boolean',
    nodeName: 'string',
    serviceAccountName: 'string',
    serviceAccount: 'string',
  },
  `activeDeadlineSeconds affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks
  ephemeralContainers hostAliases hostIPC hostPID hostUsers hostname hostnameOverride imagePullSecrets nodeSelector os
  overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy
  runtimeClassName schedulerName schedulingGates securityContext setHostnameAsFQDN shareProcessNamespace subdomain
  terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes workloadRef`,
)

const podStatus = partly(
  {
    phase: 'string',
    podIP: 'string',
    podIPs: { list: { fields: { ip: 'string' }, required: ['ip'] } },
  },
  `allocatedResources conditions containerStatuses ephemeralContainerStatuses extendedResourceClaimStatus hostIP hostIPs
  initContainerStatuses message nominatedNodeName observedGeneration qosClass reason resize resourceClaimStatuses
  resources startTime`,
)

const template: Shape = {
  fields: {
    metadata: partly({ name: 'string', labels: { map: 'string' } }, 'annotations generateName namespace'),
    spec: podSpec,
  },
}

const workloadSpec = partly({ replicas: 'integer', template }, 'selector')

const serviceSpec = partly(
  {
    type: 'string',
    selector: { map: 'string' },
    clusterIP: 'string',
    ipFamilies: { list: { oneOf: ['IPv4', 'IPv6'] } },
    ipFamilyPolicy: { oneOf: ['SingleStack', 'PreferDualStack', 'RequireDualStack'] },
    ports: {
      list: partly(
        {
          name: 'string',
          port: 'integer',
          targetPort: 'integer or string',
          protocol,
          nodePort: 'integer',
        },
        'appProtocol',
        ['port'],
      ),
    },
  },
  `allocateLoadBalancerNodePorts clusterIPs externalIPs externalName externalTrafficPolicy healthCheckNodePort
  internalTrafficPolicy ipFamily loadBalancerClass loadBalancerIP loadBalancerSourceRanges publishNotReadyAddresses
  sessionAffinity sessionAffinityConfig topologyKeys trafficDistribution`,
)

const slice: Fields = {
  addressType: 'string',
  endpoints: {
    list: partly(
      { addresses: strings },
      'conditions deprecatedTopology hints hostname nodeName targetRef zone',
    ),
  },
  ports: {
    list: partly({ name: 'string', port: 'integer', protocol }, 'appProtocol'),
  },
}

const nodeStatus = partly(
  { addresses: { list: { fields: { type: 'string', address: 'string' } } } },
  `allocatable capacity conditions config daemonEndpoints declaredFeatures features images nodeInfo phase
  runtimeHandlers volumesAttached volumesInUse`,
)

const poolSpec = partly(
  { cidr: 'string', vxlanMode: 'string', ipipMode: 'string', natOutgoing: 'boolean' },
  `allowedUses assignmentMode blockSize disableBGPExport disabled ipip namespaceSelector nat-outgoing nodeSelector`,
)

const hostPorts: Shape = {
  list: { fields: { protocol: 'string', port: 'integer', net: 'string' }, required: ['port'] },
}
const felixSpec = partly({ failsafeInboundHostPorts: hostPorts, failsafeOutboundHostPorts: hostPorts }, '')

const workload = objectShape(workloadSpec)
const secrets: Fields = {
  secrets: 'anything',
  imagePullSecrets: 'anything',
  automountServiceAccountToken: 'boolean',
}

/** The kinds beside the policies that a prediction is made from, by `apiVersion kind`. */
export const clusterShapes: Record<string, Shape> = {
  'v1 Namespace': objectShape('anything'),
  'v1 Pod': objectShape(podSpec, { status: podStatus }),
  'v1 ServiceAccount': objectShape('anything', secrets),
  'v1 Node': objectShape('anything', { status: nodeStatus }),
  'v1 Service': objectShape(serviceSpec),
  'v1 ReplicationController': workload,
  'apps/v1 Deployment': workload,
  'apps/v1 StatefulSet': workload,
  'apps/v1 DaemonSet': workload,
  'apps/v1 ReplicaSet': workload,
  'batch/v1 Job': workload,
  'batch/v1 CronJob': objectShape(
    partly({ jobTemplate: { fields: { metadata: 'anything', spec: workloadSpec } } }, ''),
  ),
  'discovery.k8s.io/v1 EndpointSlice': objectShape('anything', slice),
  'projectcalico.org/v3 IPPool': objectShape(poolSpec),
  'projectcalico.org/v3 FelixConfiguration': objectShape(felixSpec),
}
