/** A difference of the embedded cluster from the recorded session that stands: which lines, and why. */
export interface KnownDifference {
  /** What was typed. */
  run: RegExp
  /** Lines of the answers that are left out of the comparison, on both sides. */
  lines: RegExp
  because: string
}

export const knownDifferences: KnownDifference[] = [
  {
    run: /./,
    lines: /^Warning: \w+: this miniature cluster stores objects of this kind/,
    because: 'A kind or field that nothing here acts on is warned of.',
  },
  {
    run: /^kubectl get pods? .*-o yaml/,
    lines: /^ +(- )?(lastProbeTime: null|lastTransitionTime: "TIME")$/,
    because: 'A null is left out: conditions of pods do not show lastProbeTime.',
  },
  {
    run: /^kubectl get pods? .*-o yaml/,
    lines: /^ +(user:|linux:|gid: 0|uid: 0|supplementalGroups:|- 0)$/,
    because: 'The status of a container does not say as whom it runs.',
  },
  {
    run: /-o yaml|describe/,
    lines: /^ +(imageID:|Image ID:)/,
    because: 'An image of the catalogue has no digest; its ID is its name.',
  },
  {
    run: /^kubectl describe endpointslices/,
    lines: /^Annotations:/,
    because: 'EndpointSlices do not note when their last change began.',
  },
  {
    run: /^kubectl describe nodes/,
    lines: /^NetworkUnavailable/,
    because: 'Nodes have the condition that Calico sets; the recorded cluster has no Calico.',
  },
  {
    run: /^kubectl api-resources --namespaced=false/,
    lines: /^componentstatuses$/,
    because: 'ComponentStatus is not served.',
  },
  {
    run: /^kubectl auth whoami$/,
    lines: /^(Groups|Extra: )/,
    because: 'The kubeconfig has a token of an administrator, not a certificate.',
  },
  {
    run: /^kubectl (apply|patch)/,
    lines: /^(Error from server \(BadRequest\)|The request is invalid): /,
    because: 'The words of some messages are our own: code, reason and field are the same.',
  },
  {
    run: /--subresource=scale/,
    lines: /^scale.autoscaling/,
    because: 'A scale that is what it was is said not to have changed.',
  },
]
