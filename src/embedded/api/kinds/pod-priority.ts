import type { KubernetesObject } from '../../../kubernetes-object.ts'
import type { AdmissionRequest } from '../kind.ts'
import { forbidden } from '../status-error.ts'

/** Gives a new pod the priority of its PriorityClass, as the admission plugin Priority does. */
export function admitPriority({ object, operation, subresource, list }: AdmissionRequest): void {
  if (operation !== 'CREATE' || subresource) return
  const { spec, metadata } = object
  if (!spec) return
  const classes = list('apis/scheduling.k8s.io/v1/priorityclasses', undefined)
  const named = spec.priorityClassName
    ? classes.find((each) => each.metadata.name === spec.priorityClassName)
    : globalDefault(classes)
  // A name that is only generated is not known yet where a real API server admits.
  const name = metadata.generateName ?? metadata.name
  const refuse = (why: string) => forbidden({ group: '', plural: 'pods', kind: 'Pod' }, name, why)
  if (spec.priorityClassName && !named)
    throw refuse(`no PriorityClass with name ${spec.priorityClassName} was found`)
  const computed: number = named?.value ?? 0
  if (spec.priority !== undefined && spec.priority !== computed)
    throw refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`,
    )
  spec.priority = computed
  if (!named) return
  spec.priorityClassName = named.metadata.name
  spec.preemptionPolicy ??= named.preemptionPolicy ?? 'PreemptLowerPriority'
}

/** Of several the one of the lowest value. */
function globalDefault(classes: KubernetesObject[]): KubernetesObject | undefined {
  return classes.filter((each) => each.globalDefault).sort((one, other) => one.value - other.value)[0]
}
