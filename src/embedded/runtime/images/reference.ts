/** The repository with its registry spelled out, tag and digest left off. */
export function normalizeRepository(reference: string): string {
  const repository = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
  const [first, ...rest] = repository.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first!) || first === 'localhost')
  if (hasRegistry) return repository.replace(/^index\.docker\.io\//, 'docker.io/')
  return rest.length > 0 ? `docker.io/${repository}` : `docker.io/library/${repository}`
}

/** A reference with registry and tag spelled out: `nginx` is `docker.io/library/nginx:latest`. A digest stands for itself. */
export function normalizeReference(reference: string): string {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1]
  const repository = normalizeRepository(reference)
  if (digest) return `${repository}@${digest}`
  return `${repository}:${/:([^:/]*)$/.exec(reference)?.[1] ?? 'latest'}`
}

/** Whether text can name an image, with an optional tag or digest. */
export function isReference(text: string): boolean {
  return /^[a-z0-9]+([._-]+[a-z0-9]+)*(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/.test(
    text,
  )
}
