/**
 * Fields that Kubernetes knows and nothing here acts on, by definition (its short name). Those of `refused` would
 * change what a pod does, and so are refused by name; those of `ignored` are harmless, and are warned of.
 */
export const refused: Record<string, string[]> = {
  'core.v1.PodSpec': [
    'hostUsers',
    'overhead',
    'readinessGates',
    'resourceClaims',
    'resources',
    'runtimeClassName',
    'schedulingGates',
    'setHostnameAsFQDN',
  ],
  'core.v1.PodSecurityContext': ['seLinuxOptions', 'supplementalGroupsPolicy', 'windowsOptions'],
  'core.v1.SecurityContext': ['seLinuxOptions', 'windowsOptions'],
  'core.v1.Container': ['resizePolicy', 'volumeDevices'],
  'core.v1.ResourceRequirements': ['claims'],
  'core.v1.VolumeMount': ['recursiveReadOnly'],
  'core.v1.Volume': [
    'awsElasticBlockStore',
    'azureDisk',
    'azureFile',
    'cephfs',
    'cinder',
    'csi',
    'ephemeral',
    'fc',
    'flexVolume',
    'flocker',
    'gcePersistentDisk',
    'gitRepo',
    'glusterfs',
    'image',
    'iscsi',
    'nfs',
    'photonPersistentDisk',
    'portworxVolume',
    'quobyte',
    'rbd',
    'scaleIO',
    'storageos',
    'vsphereVolume',
  ],
  'core.v1.ServiceSpec': ['externalIPs', 'loadBalancerClass', 'loadBalancerIP', 'loadBalancerSourceRanges'],
}

export const ignored: Record<string, string[]> = {
  'core.v1.PodSpec': ['imagePullSecrets', 'os'],
  'core.v1.PodSecurityContext': ['appArmorProfile', 'fsGroupChangePolicy', 'seLinuxChangePolicy'],
  'core.v1.SecurityContext': ['appArmorProfile'],
  'core.v1.Lifecycle': ['stopSignal'],
  'core.v1.ServiceSpec': ['trafficDistribution'],
  'batch.v1.JobSpec': ['backoffLimitPerIndex', 'managedBy', 'maxFailedIndexes', 'successPolicy'],
}

/** Values of a field that are served; Kubernetes knows more. */
export const servedValues: Record<string, Record<string, (string | number)[]>> = {
  'core.v1.PodSpec': {
    schedulerName: ['default-scheduler'],
    dnsPolicy: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
  },
  'core.v1.VolumeMount': { mountPropagation: ['None', 'HostToContainer'] },
}

/** `core.v1.PodSpec` of `io.k8s.api.core.v1.PodSpec`. */
export function shortName(definition: string): string {
  return definition.replace(/^io\.k8s\.api\./, '')
}
