import { parseQuantity } from '../../quantity.ts'
import { descendingProblem } from './containers.ts'
import { all, forbidden, invalid, type Rule, required, type Wrong } from './rule.ts'

/** In the order in which a real API server looks at them. */
const sources = [
  ['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi'],
  [
    'glusterfs',
    'flocker',
    'persistentVolumeClaim',
    'rbd',
    'cinder',
    'cephfs',
    'quobyte',
    'downwardAPI',
    'fc',
  ],
  ['flexVolume', 'configMap', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume'],
  ['azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image'],
].flat()

const volume: Rule = (value, wrong) => {
  const [, ...others] = sources.filter((source) => value[source])
  for (const other of others) wrong(other, 'Forbidden: may not specify more than 1 volume type', forbidden)
  const sizeLimit = value.emptyDir?.sizeLimit
  if (sizeLimit !== undefined && parseQuantity(sizeLimit) < 0)
    wrong('emptyDir.sizeLimit', 'Forbidden: SizeLimit field must be a valid resource quantity', forbidden)
  const path: string | undefined = value.hostPath?.path
  if (path?.split('/').includes('..')) wrong('hostPath.path', invalid(path, "must not contain '..'"))
  if (value.configMap && !value.configMap.name) wrong('configMap.name', 'Required value', required)
  if (value.secret && !value.secret.secretName) wrong('secret.secretName', 'Required value', required)
}

const fileMode: Rule = (value, wrong) => {
  for (const field of ['defaultMode', 'mode'])
    if (value[field] < 0 || value[field] > 0o777)
      wrong(field, invalid(value[field], 'must be a number between 0 and 0777 (octal), both inclusive'))
}

/** A path of a file in a volume: those that begin with two dots are the kubelet's own. */
const filePath: Rule = ({ path }, wrong) => {
  const problem = path
    ? (descendingProblem(path) ?? (path.startsWith('..') ? "must not start with '..'" : null))
    : null
  if (problem) wrong('path', invalid(path, problem))
}

const parts = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle'] as const

const projected: Rule = ({ sources: listed = [] }, wrong) => {
  const paths = new Set<string>()
  for (const [index, source] of listed.entries()) {
    const [, ...others] = parts.filter((part) => source[part])
    for (const other of others)
      wrong(
        `sources[${index}].${other}`,
        'Forbidden: may not specify more than 1 volume type per source',
        forbidden,
      )
    for (const part of ['secret', 'configMap'])
      if (source[part] && !source[part].name)
        wrong(`sources[${index}].${part}.name`, 'Required value', required)
    checkPaths(source, paths, wrong)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a source that was checked against its schema
function checkPaths(source: any, known: Set<string>, wrong: Wrong): void {
  const items = [...(source.secret?.items ?? []), ...(source.configMap?.items ?? [])]
  const files = [...items, ...(source.downwardAPI?.items ?? [])]
  for (const { path } of [...files, ...(source.serviceAccountToken ? [source.serviceAccountToken] : [])]) {
    if (path && known.has(path)) wrong('', invalid(path, 'conflicting duplicate paths'))
    known.add(path)
  }
}

const shortestTokenSeconds = 600

const token: Rule = ({ expirationSeconds: seconds }, wrong) => {
  if (seconds < shortestTokenSeconds)
    wrong('expirationSeconds', invalid(seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > 2 ** 32)
    wrong('expirationSeconds', invalid(seconds, 'may not specify a duration larger than 2^32 seconds'))
}

export const volumeRules: Record<string, Rule> = {
  'core.v1.Volume': volume,
  'core.v1.ConfigMapVolumeSource': fileMode,
  'core.v1.SecretVolumeSource': fileMode,
  'core.v1.DownwardAPIVolumeSource': fileMode,
  'core.v1.ProjectedVolumeSource': all(fileMode, projected),
  'core.v1.KeyToPath': all(fileMode, filePath),
  'core.v1.DownwardAPIVolumeFile': all(fileMode, filePath),
  'core.v1.ServiceAccountTokenProjection': token,
}
