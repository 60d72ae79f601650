/** An image of the built-in catalogue: directory layers of this machine's own programs. */
export interface Image {
  /** Its name as nodes list it. */
  name: string
  /** Other repositories that mean the same image, normalised. */
  repositories: string[]
  /** From top to bottom. */
  layers: LayerName[]
  entrypoint: string[]
  command: string[]
  /** What differs from the published image of this name, for an Event. */
  standIn?: string
}

export type LayerName = 'busybox' | 'agnhost'

const catalogue: Image[] = [
  {
    name: 'registry.k8s.io/e2e-test-images/agnhost',
    repositories: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost'],
    layers: ['agnhost', 'busybox'],
    entrypoint: ['/agnhost'],
    command: ['pause'],
  },
  {
    name: 'docker.io/library/busybox',
    repositories: ['docker.io/library/busybox'],
    layers: ['busybox'],
    entrypoint: [],
    command: ['sh'],
  },
  {
    name: 'registry.k8s.io/coredns/coredns',
    repositories: ['registry.k8s.io/coredns/coredns', 'docker.io/coredns/coredns'],
    layers: ['agnhost', 'busybox'],
    entrypoint: ['/agnhost', 'dns'],
    command: [],
    standIn: 'a small DNS server that answers for Services and pods; there is no upstream to forward to',
  },
  {
    name: 'docker.io/library/nginx',
    repositories: ['docker.io/library/nginx', 'docker.io/nginxinc/nginx-unprivileged'],
    layers: ['agnhost', 'busybox'],
    entrypoint: ['/agnhost', 'netexec', '--http-port=80', '--udp-port=-1'],
    command: [],
    standIn: 'a small web server on port 80; it reads no nginx configuration',
  },
  {
    name: 'docker.io/library/alpine',
    repositories: ['docker.io/library/alpine'],
    layers: ['busybox'],
    entrypoint: [],
    command: ['/bin/sh'],
    standIn: 'busybox; there is no apk',
  },
]

/** The image that a reference such as `nginx:1.27` or `registry.k8s.io/x/y@sha256:…` means here, if any. */
export function findImage(reference: string): Image | undefined {
  const repository = normalizeRepository(reference)
  return catalogue.find((image) => image.repositories.includes(repository))
}

/** Names of all images there are, for an error or a node's status. */
export function knownImages(): string[] {
  return catalogue.map((image) => image.name)
}

/** The repository with its registry spelled out, tag and digest left off. */
export function normalizeRepository(reference: string): string {
  const repository = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
  const [first, ...rest] = repository.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first!) || first === 'localhost')
  if (hasRegistry) return repository.replace(/^index\.docker\.io\//, 'docker.io/')
  return rest.length > 0 ? `docker.io/${repository}` : `docker.io/library/${repository}`
}
