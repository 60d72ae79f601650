const scheme = 'runc://'

/** A container's ID as a pod's status has it. */
export function statusContainerId(id: string): string {
  return `${scheme}${id}`
}

/** The runtime's own ID of what a status names; empty where it names none. */
export function containerIdOf(statusId: string | undefined): string {
  return statusId?.startsWith(scheme) ? statusId.slice(scheme.length) : (statusId ?? '')
}
