import { createHash } from 'node:crypto'
import { constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { chmod, copyFile, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LabError } from '../../../errors.ts'
import { command } from '../../../kernel/index.ts'

/** Directories of the layers that the built-in images are made of. */
export type Layers = Record<'busybox' | 'agnhost', string>

/** Counts up whenever what is put into layers changes. */
const layout = 2

const libraries = '/usr/lib/x86_64-linux-gnu'

/**
 * The image layers of this machine, built from its own busybox and perl when they are not there yet or older than
 * these. Safe when two runs start at once: a layer set appears whole or not at all.
 */
export async function prepareLayers(agentDirectory: string, cache: string): Promise<Layers> {
  const sources = {
    busybox: findProgram('busybox', 'busybox'),
    perl: findProgram('perl', 'perl-base'),
    agent: join(agentDirectory, 'agnhost'),
  }
  const target = join(cache, 'layers', fingerprint(Object.values(sources)))
  const layers = { busybox: join(target, 'busybox'), agnhost: join(target, 'agnhost') }
  if (existsSync(target)) return layers
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  const building = await mkdtemp(join(dirname(target), 'building-'))
  try {
    await chmod(building, 0o755)
    await buildBusybox(join(building, 'busybox'), sources.busybox)
    await buildAgnhost(join(building, 'agnhost'), sources.perl, sources.agent)
    await rename(building, target)
  } catch (error) {
    // Another run was first: its layers are the same as ours.
    if (!existsSync(target)) throw error
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return layers
}

function findProgram(name: string, debianPackage: string): string {
  const path = ['/bin', '/usr/bin', '/usr/local/bin']
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
  if (path) return realpathSync(path)
  throw new LabError({
    code: 'missing-package',
    message: `${name} is not installed: images of the embedded cluster are made of it`,
    hint: `sudo apt-get install ${debianPackage}`,
  })
}

function fingerprint(files: string[]): string {
  const hash = createHash('sha256').update(`layout ${layout}\n`)
  for (const file of files) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  // Copies of the same age may differ where a repository is checked out anew: the agent is ours and small.
  hash.update(readFileSync(files.at(-1)!))
  return hash.digest('hex').slice(0, 16)
}

async function buildBusybox(root: string, busybox: string): Promise<void> {
  for (const folder of [
    'bin',
    'dev',
    'etc',
    'home',
    'proc',
    'root',
    'run',
    'sys',
    'usr/bin',
    'usr/sbin',
    'var/log',
    'sbin',
  ]) {
    await mkdir(join(root, folder), { recursive: true, mode: 0o755 })
  }
  for (const folder of ['tmp', 'var/tmp']) {
    await mkdir(join(root, folder))
    await chmod(join(root, folder), 0o1777)
  }
  await copyWithLibraries(root, busybox, '/bin/busybox')
  const applets = (await command([busybox, '--list'])).trim().split('\n')
  await Promise.all(
    applets
      .filter((name) => name !== 'busybox')
      .map((name) => symlink('/bin/busybox', join(root, 'bin', name))),
  )
  const files = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
    'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
    'etc/nsswitch.conf': 'hosts: files dns\n',
    'etc/hosts': '',
    'etc/hostname': '',
    'etc/resolv.conf': '',
  }
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text)
}

async function buildAgnhost(root: string, perl: string, agent: string): Promise<void> {
  await copyWithLibraries(root, perl, '/usr/bin/perl')
  const modules = (await command([perl, '-e', 'print grep { /perl-base$/ } @INC'])).trim()
  if (modules === '') {
    throw new LabError({
      code: 'unsupported',
      message: "this system's perl has no perl-base directory",
      cause: 'the pod agent runs on the perl-base package of Debian and Ubuntu',
      hint: 'use --cluster kind',
    })
  }
  await cp(modules, join(root, modules), { recursive: true, filter: (path) => basename(path) !== 'unicore' })
  await copyFile(agent, join(root, 'agnhost'), constants.COPYFILE_FICLONE)
  await chmod(join(root, 'agnhost'), 0o755)
}

/** Copies a program and the shared libraries that the loader says it needs, each to its own path. */
async function copyWithLibraries(root: string, program: string, target: string): Promise<void> {
  const needed = await command(['ldd', program]).catch(() => '')
  const paths = [...needed.matchAll(/(\/[^\s()]+)\s+\(0x/g)].map((match) => match[1]!)
  // Loaded by name at run time where the C library is older than 2.34.
  const byName = needed
    ? ['libnss_dns.so.2', 'libnss_files.so.2'].map((name) => join(libraries, name)).filter(existsSync)
    : []
  await copyTo(root, program, target)
  for (const path of [...paths, ...byName]) await copyTo(root, path, path)
}

async function copyTo(root: string, source: string, path: string): Promise<void> {
  const target = join(root, path)
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await copyFile(realpathSync(source), target)
  await chmod(target, 0o755)
}
