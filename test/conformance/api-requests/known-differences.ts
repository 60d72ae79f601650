/** A difference from the recorded answers that stands: which requests, where in the answer, and why. */
export interface KnownDifference {
  requests: RegExp
  /** Paths in the answer, e.g. `.body.metadata.generation`. */
  at: RegExp
  /** Only where the real API server says nothing there. */
  isExtra?: true
  because: string
}

const anyRequest = /./
const wholeBody = /^\.(code|warnings|body)/

export const knownDifferences: KnownDifference[] = [
  {
    requests: anyRequest,
    at: /^\.(body\.message|body\.details\.causes\.\d+\.message)$/,
    because: 'The words of some messages are our own: code, reason and field are the same.',
  },
  {
    requests: anyRequest,
    at: /^\.warnings/,
    isExtra: true,
    because:
      'A kind or field that nothing here acts on is warned of; a real cluster has something that acts on it.',
  },
  {
    requests: /^(may I|a token|a token that is none)$/,
    at: /managedFields|^\.body\.metadata$/,
    because: 'An answer that is not stored has no managed fields.',
  },
  {
    requests: /^fields: its (image|status), applied$|^fields: the deployment$/,
    at: /wholeManagedFields\.\d+\.time$/,
    because: 'What was written through scale has a time in its managed fields.',
  },
  {
    requests: /^definition$/,
    at: /^\.body\.status/,
    because: 'A CustomResourceDefinition is established at once; a real API server needs a moment.',
  },
  {
    requests: /^(resources of v1|the core, aggregated|kinds: componentstatuses\.v1\..*)$/,
    at: wholeBody,
    because:
      'ComponentStatus and the collection of bindings are not served, and the list of the core says apiVersion v1.',
  },
  {
    requests:
      /^(a path that is not there|a version of OpenAPI that is none|OpenAPI of a group that is none)$/,
    at: wholeBody,
    because: 'A Status says what is not served, where a real API server answers in plain text.',
  },
  {
    requests: /^(Role|RoleBinding): |^kinds: .* as metadata$/,
    at: /^\.body\.(rules|subjects|rows|items)/,
    because: 'An empty list stays an empty list; Go answers null.',
  },
  {
    requests: anyRequest,
    at: /^\.body\.rows$|rows\.\d+\.cells\.\d+$/,
    because: 'A table without rows says so by an empty list; ages are those of the moment.',
  },
  {
    requests: /^PriorityClass: /,
    at: /generation$/,
    because:
      'Generations count every change of what is not status; a real API server excepts a PriorityClass.',
  },
  {
    requests:
      /^(role binding without a role|eviction: under two budgets|pod with a resourceVersion|watch from nowhere|strategic: an element without its key|a pod: bound to nothing|apply: a field that is none)$/,
    at: wholeBody,
    because: 'A request that is wrong is a client error here; a real API server answers these with 500.',
  },
  {
    requests: /^merge: a field that is none, strict$/,
    at: wholeBody,
    because:
      'A misspelt field in a patch answers 400 as in a create; a real API server wraps it into 422 with the whole object.',
  },
  {
    requests: /^JSON: replace what is not there$/,
    at: wholeBody,
    because: 'RFC 6902 wants the target of replace to exist; a real API server adds it.',
  },
  {
    requests:
      /^(deployment with a bad (strategy|selector operator)|service with a bad port|policy with both a block and a selector|to another address|held: one finalizer more|a finalizer that is none|owner without a uid|a pod: another container|policy with a bad (type|port)|\w+, wrong: (families that are none|a metric of a type that is none|a selector of its own|an access mode that is none|a scope that is none|a (minimum|default) above the maximum|an address that is none))$/,
    at: /^\.body\.(message|details)/,
    because:
      'The same fault is found at another field of the same part, or once where a real API server says it twice.',
  },
  {
    requests: /^a pod: on a node from the start$/,
    at: /conditions/,
    because: 'The condition PodScheduled comes with the node; in a real cluster the kubelet adds it.',
  },
  {
    requests: /^(may I|a token that is none)$/,
    at: /^\.body\.(metadata|status)/,
    because: 'Whoever holds a valid token may do everything: RBAC is stored, and nothing acts on it.',
  },
  { requests: /^a token$/, at: /uid$/, because: 'A TokenRequest is an answer, and has no uid of its own.' },
  {
    requests: /^(the root|the version)$/,
    at: /^\.body/,
    because: 'The paths of the root are those that are served, and the version says who answers.',
  },
  {
    requests: /^(tried: a service|Service, wrong: a node port out of range)$/,
    at: wholeBody,
    because: 'A dry run tries the port of a node, too; a real API server does not.',
  },
  {
    requests: /^applied with a field twice$/,
    at: wholeBody,
    because: 'A document that names a field twice is refused before its conflicts are looked for.',
  },
  {
    requests: /^a claim to be changed$|^PersistentVolumeClaim, wrong: /,
    at: /finalizers/,
    because: 'A claim has no finalizer that protects it while a pod uses it.',
  },
]
