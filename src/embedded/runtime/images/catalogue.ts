import type { Image } from './image.ts'
import type { Layers } from './layers.ts'
import { normalizeRepository } from './reference.ts'

interface CatalogueEntry {
  /** Its name as nodes list it. */
  name: string
  /** Other repositories that mean the same image, normalised. */
  aliases?: string[]
  /** From top to bottom. */
  layers: (keyof Layers)[]
  entrypoint: string[]
  command: string[]
  standIn?: string
}

/** Images made of this machine's own programs. */
const entries: CatalogueEntry[] = [
  {
    name: 'registry.k8s.io/e2e-test-images/agnhost',
    aliases: ['k8s.gcr.io/e2e-test-images/agnhost'],
    layers: ['agnhost', 'busybox'],
    entrypoint: ['/agnhost'],
    command: ['pause'],
  },
  { name: 'docker.io/library/busybox', layers: ['busybox'], entrypoint: [], command: ['sh'] },
  {
    name: 'registry.k8s.io/coredns/coredns',
    aliases: ['docker.io/coredns/coredns'],
    layers: ['agnhost', 'busybox'],
    entrypoint: ['/agnhost', 'dns'],
    command: [],
    standIn: 'a small DNS server that answers for Services and pods; there is no upstream to forward to',
  },
  {
    name: 'docker.io/library/nginx',
    aliases: ['docker.io/nginxinc/nginx-unprivileged'],
    layers: ['agnhost', 'busybox'],
    entrypoint: ['/agnhost', 'netexec', '--http-port=80', '--udp-port=-1'],
    command: [],
    standIn: 'a small web server on port 80; it reads no nginx configuration',
  },
  {
    name: 'docker.io/library/alpine',
    layers: ['busybox'],
    entrypoint: [],
    command: ['/bin/sh'],
    standIn: 'busybox; there is no apk',
  },
]

/** The built-in images by every repository that means them. */
export function builtInImages(layers: Layers): Map<string, Image> {
  return new Map(
    entries.flatMap(({ name, aliases = [], layers: names, ...rest }) => {
      const image: Image = {
        ...rest,
        id: name,
        names: [name],
        layers: names.map((layer) => layers[layer]),
        sizeBytes: 0,
      }
      return [name, ...aliases].map((repository) => [normalizeRepository(repository), image] as const)
    }),
  )
}
