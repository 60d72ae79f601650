import { parseQuantity } from '../../quantity.ts'
import { forbidden, invalid, notSubdomain, notSupported, type Rule, required } from './rule.ts'

const claim: Rule = ({ accessModes, resources, storageClassName }, wrong) => {
  if (!accessModes?.length)
    wrong('accessModes', 'Required value: at least 1 access mode is required', required)
  if (accessModes?.length > 1 && accessModes.includes('ReadWriteOncePod'))
    wrong('accessModes', 'Forbidden: may not use ReadWriteOncePod with other access modes', forbidden)
  const size = resources?.requests?.storage
  if (size === undefined) wrong('resources[storage]', 'Required value', required)
  else if (!(parseQuantity(size) > 0)) wrong('resources[storage]', invalid(size, 'must be greater than zero'))
  const why = storageClassName ? notSubdomain(storageClassName) : null
  if (why) wrong('storageClassName', why)
}

/** Whatever is none of these is where a volume's data are. */
const noSources = [
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]

const volume: Rule = (value, wrong) => {
  if (!value.accessModes?.length) wrong('accessModes', 'Required value', required)
  if (!Object.keys(value.capacity ?? {}).length) {
    wrong('capacity', 'Required value', required)
    wrong('capacity', 'Unsupported value: {}: supported values: "storage"', notSupported)
  }
  const [source, ...others] = Object.keys(value)
    .filter((field) => !noSources.includes(field))
    .sort(byHostPath)
  if (!source) wrong('', 'Required value: must specify a volume type', required)
  for (const other of others) wrong(other, 'Forbidden: may not specify more than 1 volume type', forbidden)
  const path: string | undefined = value.hostPath?.path
  if (path?.split('/').includes('..')) wrong('hostPath.path', invalid(path, "must not contain '..'"))
  if (path === '/' && value.persistentVolumeReclaimPolicy === 'Recycle')
    wrong(
      'persistentVolumeReclaimPolicy',
      "Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      forbidden,
    )
}

/** The first that a real API server looks at. */
function byHostPath(one: string, other: string): number {
  return Number(other === 'hostPath') - Number(one === 'hostPath')
}

const quotaResources =
  /^((requests|limits)\.)?(cpu|memory|ephemeral-storage|storage)$|^(pods|services|services\.loadbalancers|services\.nodeports|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims)$|^(requests\.)?hugepages-|^count\/|\/|storageclass/
const counted =
  /^(pods|services.*|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|count\/.*)$/
const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
]

const quota: Rule = ({ hard = {}, scopes: wanted = [] }, wrong) => {
  for (const [name, amount] of Object.entries(hard)) {
    const field = `hard[${name}]`
    if (!quotaResources.test(name)) {
      wrong(field, invalid(name, 'must be a standard resource for quota'))
      wrong(field, invalid(name, 'must be a standard resource type or fully qualified'))
    } else if (parseQuantity(amount as string) < 0)
      wrong(field, invalid(amount, 'must be greater than or equal to 0'))
    else if (counted.test(name) && !Number.isInteger(parseQuantity(amount as string)))
      wrong(field, invalid(amount, 'must be an integer'))
  }
  if (wanted.some((scope: string) => !scopes.includes(scope)))
    wrong('scopes', invalid(wanted, 'unsupported scope'))
  for (const scope of ['BestEffort', 'Terminating'])
    if (wanted.includes(scope) && wanted.includes(`Not${scope}`))
      wrong('scopes', invalid(wanted, 'conflicting scopes'))
}

const limitRange: Rule = ({ limits = [] }, wrong) => {
  const seen = new Set<string>()
  for (const [index, { type }] of limits.entries()) {
    if (seen.has(type)) wrong(`limits[${index}].type`, `Duplicate value: "${type}"`, 'FieldValueDuplicate')
    seen.add(type)
  }
}

const limit: Rule = ({ type, min = {}, max = {}, default: usual = {}, defaultRequest = {} }, wrong) => {
  if (type === 'Pod')
    for (const [field, value] of Object.entries({ default: usual, defaultRequest }))
      if (Object.keys(value).length)
        wrong(field, "Forbidden: may not be specified when `type` is 'Pod'", forbidden)
  const below = (least: Amounts, most: Amounts, check: { field: string; why: string; shown: Amounts }) => {
    for (const [name, amount] of Object.entries(least))
      if (most[name] !== undefined && parseQuantity(amount) > parseQuantity(most[name]))
        wrong(
          `${check.field}[${name}]`,
          invalid(check.shown[name], check.why.replace('A', String(amount)).replace('B', String(most[name]))),
        )
  }
  if (type === 'Pod') return
  below(min, max, { field: 'min', why: 'min value A is greater than max value B', shown: min })
  below(min, usual, { field: 'default', why: 'min value A is greater than default value B', shown: min })
  below(min, defaultRequest, {
    field: 'defaultRequest',
    why: 'min value A is greater than default request value B',
    shown: defaultRequest,
  })
  below(usual, max, { field: 'default', why: 'default value A is greater than max value B', shown: max })
  below(defaultRequest, max, {
    field: 'defaultRequest',
    why: 'default request value A is greater than max value B',
    shown: defaultRequest,
  })
}

type Amounts = Record<string, string | number>

export const storageRules: Record<string, Rule> = {
  'core.v1.PersistentVolumeClaimSpec': claim,
  'core.v1.PersistentVolumeSpec': volume,
  'core.v1.ResourceQuotaSpec': quota,
  'core.v1.LimitRangeSpec': limitRange,
  'core.v1.LimitRangeItem': limit,
}
