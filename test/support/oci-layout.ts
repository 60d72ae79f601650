import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Files of a layer by their paths: text, a symbolic link, or a program of this machine with its libraries. */
export type LayerFiles = Record<string, string | { link: string } | { program: string } | { directory: true }>

export interface TestImage {
  /** Left out: the image has no name. */
  name?: string
  /** From the lowest to the topmost, each the bytes of an uncompressed tar archive. */
  layers: Buffer[]
  config: object
}

/** The tar archive of a layer, made by the machine's own tar; `words` go to it. */
export function layerOf(files: LayerFiles, scratch: string, words: string[] = []): Buffer {
  const folder = join(scratch, `layer-${createHash('sha1').update(JSON.stringify(files)).digest('hex')}`)
  mkdirSync(folder, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    if (typeof content === 'string') writeFileSync(join(folder, path), content)
    else if ('directory' in content) mkdirSync(join(folder, path), { recursive: true })
    else if ('link' in content) run(['ln', '-sfn', content.link, join(folder, path)])
    else copyProgram(folder, content.program, path)
  }
  // No directories but those that are asked for: images may have a symbolic link in the place of one.
  const paths = Object.values(files).some(isProgram) ? ['.'] : Object.keys(files)
  return run([
    'tar',
    '--create',
    '--numeric-owner',
    '--owner=0',
    '--group=0',
    ...words,
    '-C',
    folder,
    ...paths,
  ])
}

/** Its libraries lie elsewhere than it does. */
function isProgram(content: LayerFiles[string]): boolean {
  return typeof content === 'object' && 'program' in content
}

/** Writes an OCI image layout. Layers are compressed, as registries have them. */
export function writeOciLayout(folder: string, images: TestImage[]): void {
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true })
  const manifests = images.map(({ name, layers, config }) => {
    const descriptors = layers.map((layer) => writeBlob(folder, 'layer.v1.tar+gzip', gzipSync(layer)))
    const described = { ...imageConfig(layers), ...config }
    const manifest = {
      schemaVersion: 2,
      config: writeBlob(folder, 'config.v1+json', Buffer.from(JSON.stringify(described))),
      layers: descriptors,
    }
    const descriptor = writeBlob(folder, 'manifest.v1+json', Buffer.from(JSON.stringify(manifest)))
    return { ...descriptor, annotations: name ? { 'org.opencontainers.image.ref.name': name } : {} }
  })
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
}

/** Writes what `docker save` of versions before 25 does. */
export function writeDockerArchive(file: string, { name, layers, config }: TestImage, scratch: string): void {
  const folder = join(scratch, 'docker-archive')
  mkdirSync(folder, { recursive: true })
  const text = JSON.stringify({ ...imageConfig(layers), ...config })
  const configFile = `${sha256(Buffer.from(text))}.json`
  writeFileSync(join(folder, configFile), text)
  const paths = layers.map((layer) => {
    const path = `${sha256(layer)}/layer.tar`
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), layer)
    return path
  })
  const manifest = [{ Config: configFile, RepoTags: name ? [name] : null, Layers: paths }]
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  run(['tar', '--create', '--file', file, '-C', folder, '.'])
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function imageConfig(layers: Buffer[]): object {
  return {
    architecture: { x64: 'amd64' }[arch() as string] ?? arch(),
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
  }
}

function writeBlob(
  folder: string,
  type: string,
  bytes: Buffer,
): { digest: string; [field: string]: unknown } {
  const digest = sha256(bytes)
  writeFileSync(join(folder, 'blobs/sha256', digest), bytes)
  return { mediaType: `application/vnd.oci.image.${type}`, digest: `sha256:${digest}`, size: bytes.length }
}

function copyProgram(folder: string, program: string, path: string): void {
  const source = ['/bin', '/usr/bin', '/usr/local/bin'].map((bin) => join(bin, program)).find(existsSync)!
  const needed = spawnSync('ldd', [source], { encoding: 'utf8' }).stdout
  const libraries = [...needed.matchAll(/(\/[^\s()]+)\s+\(0x/g)].map((match) => match[1]!)
  for (const [from, to] of [[source, path], ...libraries.map((each) => [each, each])] as [string, string][]) {
    mkdirSync(dirname(join(folder, to)), { recursive: true })
    copyFileSync(realpathSync(from), join(folder, to))
    chmodSync(join(folder, to), 0o755)
  }
}

function run(argv: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), { maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
  return stdout
}
