/** An init container that the others do not wait for to end, and that runs beside them (Kubernetes: sidecar containers). */
export function isSidecar({ restartPolicy }: { restartPolicy?: string }): boolean {
  return restartPolicy === 'Always'
}
