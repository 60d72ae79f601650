import type { FieldsSchema, Schema } from '../schema.ts'
import { metadataSchema, stringMap } from './metadata.ts'

const portSchema: Schema = {
  fields: {
    name: 'string',
    containerPort: 'integer',
    protocol: { oneOf: ['TCP', 'UDP', 'SCTP'] },
    hostPort: 'integer',
    hostIP: 'string',
  },
  required: ['containerPort'],
}

const resourcesSchema: Schema = {
  fields: { limits: { map: 'quantity' }, requests: { map: 'quantity' } },
  unsupported: ['claims'],
}

const securityContextSchema: Schema = {
  fields: {
    runAsUser: 'integer',
    runAsGroup: 'integer',
    runAsNonRoot: 'boolean',
    privileged: 'boolean',
    allowPrivilegeEscalation: 'boolean',
    readOnlyRootFilesystem: 'boolean',
    capabilities: { fields: { add: { list: 'string' }, drop: { list: 'string' } } },
  },
  unsupported: ['appArmorProfile', 'procMount', 'seLinuxOptions', 'seccompProfile', 'windowsOptions'],
}

const probeSchema: Schema = {
  fields: {
    exec: { fields: { command: { list: 'string' } } },
    httpGet: {
      fields: {
        path: 'string',
        port: 'intOrString',
        host: 'string',
        scheme: { oneOf: ['HTTP'] },
      },
      required: ['port'],
      unsupported: ['httpHeaders'],
    },
    tcpSocket: { fields: { port: 'intOrString', host: 'string' }, required: ['port'] },
    initialDelaySeconds: 'integer',
    periodSeconds: 'integer',
    timeoutSeconds: 'integer',
    successThreshold: 'integer',
    failureThreshold: 'integer',
  },
  unsupported: ['grpc', 'terminationGracePeriodSeconds'],
}

const containerSchema: FieldsSchema = {
  fields: {
    name: 'string',
    image: 'string',
    imagePullPolicy: { oneOf: ['Always', 'IfNotPresent', 'Never'] },
    command: { list: 'string' },
    args: { list: 'string' },
    workingDir: 'string',
    env: {
      list: { fields: { name: 'string', value: 'string' }, required: ['name'], unsupported: ['valueFrom'] },
      mergeKey: 'name',
    },
    ports: {
      list: portSchema,
      mergeKey: 'containerPort',
      keys: ['containerPort', 'protocol'],
      keyDefaults: { protocol: 'TCP' },
    },
    resources: resourcesSchema,
    readinessProbe: probeSchema,
    securityContext: securityContextSchema,
    volumeMounts: {
      list: {
        fields: { name: 'string', mountPath: 'string', subPath: 'string', readOnly: 'boolean' },
        required: ['name', 'mountPath'],
        unsupported: ['mountPropagation', 'recursiveReadOnly', 'subPathExpr'],
      },
      mergeKey: 'mountPath',
    },
    terminationMessagePath: 'string',
    terminationMessagePolicy: { oneOf: ['File'] },
  },
  required: ['name', 'image'],
  unsupported: [
    'envFrom',
    'lifecycle',
    'livenessProbe',
    'resizePolicy',
    'restartPolicy',
    'startupProbe',
    'stdin',
    'stdinOnce',
    'tty',
    'volumeDevices',
  ],
}

const volumeSchema: Schema = {
  fields: {
    name: 'string',
    emptyDir: { fields: {}, unsupported: ['medium', 'sizeLimit'] },
    configMap: {
      fields: {
        name: 'string',
        optional: 'boolean',
        defaultMode: 'integer',
        items: {
          list: { fields: { key: 'string', path: 'string', mode: 'integer' }, required: ['key', 'path'] },
        },
      },
    },
    hostPath: { fields: { path: 'string', type: 'string' }, required: ['path'] },
  },
  required: ['name'],
  unsupported: [
    'awsElasticBlockStore',
    'cephfs',
    'csi',
    'downwardAPI',
    'ephemeral',
    'fc',
    'gcePersistentDisk',
    'glusterfs',
    'image',
    'iscsi',
    'nfs',
    'persistentVolumeClaim',
    'projected',
    'rbd',
    'secret',
    'vsphereVolume',
  ],
}

/** What the kubelet runs. A field that it does not support is refused by name, never ignored. */
export const podSpecSchema: FieldsSchema = {
  fields: {
    containers: { list: containerSchema, mergeKey: 'name' },
    volumes: { list: volumeSchema, mergeKey: 'name' },
    nodeName: 'string',
    nodeSelector: stringMap,
    restartPolicy: { oneOf: ['Always', 'OnFailure', 'Never'] },
    terminationGracePeriodSeconds: 'integer',
    serviceAccountName: 'string',
    serviceAccount: 'string',
    automountServiceAccountToken: 'boolean',
    hostname: 'string',
    subdomain: 'string',
    dnsPolicy: { oneOf: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default'] },
    hostNetwork: 'boolean',
    enableServiceLinks: 'boolean',
    // What the real API server writes into every pod; others would need a scheduler that knows them.
    schedulerName: { oneOf: ['default-scheduler'] },
    priority: { oneOf: [0] },
    preemptionPolicy: { oneOf: ['PreemptLowerPriority'] },
    tolerations: {
      list: {
        fields: {
          key: 'string',
          operator: 'string',
          value: 'string',
          effect: 'string',
          tolerationSeconds: 'integer',
        },
      },
    },
    securityContext: {
      fields: {
        runAsUser: 'integer',
        runAsGroup: 'integer',
        runAsNonRoot: 'boolean',
      },
      unsupported: [
        'appArmorProfile',
        'fsGroup',
        'fsGroupChangePolicy',
        'seLinuxOptions',
        'seccompProfile',
        'supplementalGroups',
        'supplementalGroupsPolicy',
        'sysctls',
        'windowsOptions',
      ],
    },
  },
  required: ['containers'],
  unsupported: [
    'activeDeadlineSeconds',
    'affinity',
    'dnsConfig',
    'ephemeralContainers',
    'hostAliases',
    'hostIPC',
    'hostPID',
    'hostUsers',
    'imagePullSecrets',
    'initContainers',
    'os',
    'overhead',
    'priorityClassName',
    'readinessGates',
    'resourceClaims',
    'resources',
    'runtimeClassName',
    'schedulingGates',
    'setHostnameAsFQDN',
    'shareProcessNamespace',
    'topologySpreadConstraints',
  ],
}

/** `spec.template` of what makes pods. */
export const podTemplateSchema: Schema = {
  fields: { metadata: metadataSchema, spec: podSpecSchema },
  required: ['spec'],
}

/** Pod status merges by these keys; its fields are the kubelet's own affair. */
export const podStatusSchema: FieldsSchema = {
  fields: {
    conditions: { list: 'any', mergeKey: 'type' },
    podIPs: { list: 'any', mergeKey: 'ip' },
  },
  open: true,
}
