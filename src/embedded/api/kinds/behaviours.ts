import type { Kind } from '../kind.ts'
import { admitKeys, admitNamespace, admitSecret } from './core-admission.ts'
import { admitCustomResourceDefinition } from './custom-resource-definition.ts'
import { admitClaim, admitRoleBinding } from './immutable.ts'
import { admitPod } from './pod-admission.ts'
import { admitPriority } from './pod-priority.ts'
import { admitPolicy } from './policy-admission.ts'
import { admitService } from './service.ts'
import { dropOfFormerType } from './service-type.ts'
import { admitCronJob, admitJob, admitWorkload } from './workload-admission.ts'

/** What a kind does beyond being stored; whatever is not named here is inert. */
export type Behaviour = Pick<
  Kind,
  | 'admit'
  | 'deprecation'
  | 'fieldSelectors'
  | 'isSelectedByNamespace'
  | 'nameRule'
  | 'prepare'
  | 'createsStatus'
  | 'countsGenerations'
  | 'isInert'
>

const eventFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']

/** By resource: the kinds that something in this cluster acts on. */
export const behaviours: Record<string, Behaviour> = {
  'api/v1/namespaces': {
    nameRule: 'label',
    admit: [admitNamespace],
    fieldSelectors: ['status.phase'],
    isSelectedByNamespace: false,
  },
  'api/v1/nodes': {
    createsStatus: true,
    fieldSelectors: ['spec.unschedulable'],
    isSelectedByNamespace: false,
  },
  'api/v1/pods': {
    admit: [admitPriority, admitPod],
    countsGenerations: true,
    fieldSelectors: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.podIPs',
      'status.nominatedNodeName',
    ],
  },
  'api/v1/services': {
    nameRule: 'service',
    prepare: dropOfFormerType,
    admit: [admitService],
    fieldSelectors: ['spec.clusterIP', 'spec.type'],
  },
  'api/v1/configmaps': { admit: [admitKeys] },
  'api/v1/persistentvolumeclaims': { admit: [admitClaim] },
  'api/v1/secrets': { admit: [admitSecret, admitKeys], fieldSelectors: ['type'] },
  'api/v1/serviceaccounts': {},
  'api/v1/endpoints': {
    deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  },
  'api/v1/events': {
    fieldSelectors: [
      ...eventFields.map((field) => `involvedObject.${field}`),
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
  },
  'apis/apps/v1/deployments': { admit: [admitWorkload], countsGenerations: true },
  'apis/apps/v1/replicasets': { admit: [admitWorkload], countsGenerations: true },
  'apis/apps/v1/statefulsets': { nameRule: 'label', admit: [admitWorkload], countsGenerations: true },
  'apis/apps/v1/daemonsets': { admit: [admitWorkload], countsGenerations: true },
  'apis/apps/v1/controllerrevisions': {},
  'apis/batch/v1/jobs': {
    admit: [admitJob],
    countsGenerations: true,
    fieldSelectors: ['status.successful'],
  },
  'apis/coordination.k8s.io/v1/leases': {},
  'apis/discovery.k8s.io/v1/endpointslices': { countsGenerations: true },
  'apis/networking.k8s.io/v1/networkpolicies': { admit: [admitPolicy], countsGenerations: true },
  'apis/apiextensions.k8s.io/v1/customresourcedefinitions': {
    admit: [admitCustomResourceDefinition],
    countsGenerations: true,
  },
  'api/v1/replicationcontrollers': {
    isInert: true,
    countsGenerations: true,
    fieldSelectors: ['status.replicas'],
  },
  'apis/certificates.k8s.io/v1/certificatesigningrequests': {
    isInert: true,
    fieldSelectors: ['spec.signerName'],
    isSelectedByNamespace: false,
  },
  'apis/resource.k8s.io/v1/resourceslices': {
    isInert: true,
    fieldSelectors: ['spec.nodeName', 'spec.driver'],
    isSelectedByNamespace: false,
  },
  'apis/events.k8s.io/v1/events': {
    fieldSelectors: [
      ...eventFields.map((field) => `regarding.${field}`),
      'reason',
      'reportingController',
      'type',
    ],
  },
  'apis/rbac.authorization.k8s.io/v1/rolebindings': { isInert: true, admit: [admitRoleBinding] },
  'apis/rbac.authorization.k8s.io/v1/clusterrolebindings': { isInert: true, admit: [admitRoleBinding] },
  'apis/scheduling.k8s.io/v1/priorityclasses': { countsGenerations: true },
  'apis/batch/v1/cronjobs': { isInert: true, admit: [admitCronJob], countsGenerations: true },
  'apis/networking.k8s.io/v1/ingresses': { isInert: true, countsGenerations: true },
  'apis/policy/v1/poddisruptionbudgets': { countsGenerations: true },
}
