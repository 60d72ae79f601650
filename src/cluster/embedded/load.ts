import { request } from 'node:http'
import { Readable } from 'node:stream'
import { clusterDirectory, stateFiles } from '../../embedded/state.ts'
import { type ErrorCode, LabError, messageOf } from '../../errors.ts'
import type { LoadRequest, Progress } from '../cluster.ts'
import { type ArchivedImage, withImages } from './image-archive/index.ts'
import { notRunning } from './open.ts'
import { isRunning, readState } from './state-file.ts'

/** Brings the images of an archive to the nodes of a running cluster; layers that they have are not sent again. */
export async function load(
  name: string,
  { source, image }: LoadRequest,
  progress: Progress,
): Promise<string[]> {
  const directory = clusterDirectory(name)
  if (!isRunning(readState(directory))) throw notRunning(name)
  const socketPath = stateFiles(directory).kubeletSocket
  return progress.step(`loading ${source}`, () =>
    withImages(source, async (images) => {
      const loaded: string[] = []
      for (const each of named(images, image, source))
        loaded.push(...(await send(socketPath, each, progress)))
      return loaded
    }),
  )
}

/** `--image` names the only image of an archive; otherwise each has to have a name of its own. */
function named(images: ArchivedImage[], name: string | undefined, source: string): ArchivedImage[] {
  if (name !== undefined && images.length === 1) return [{ ...images[0]!, names: [name] }]
  if (name === undefined && images.every(({ names }) => names.length > 0)) return images
  const names = images.flatMap((image) => image.names)
  throw new LabError({
    code: 'bad-input',
    message:
      name === undefined
        ? `an image of ${source} has no name`
        : `${source} has ${images.length} images (${names.join(', ')}), which one is ${name}?`,
    hint: name === undefined ? '--image NAME:TAG' : 'leave --image out',
  })
}

/** The kubelet's answers as `src/embedded/kubelet/image-server.ts` describes them. */
async function send(socketPath: string, image: ArchivedImage, progress: Progress): Promise<string[]> {
  let chain: string | undefined
  for (const { diffId, open } of image.layers) {
    const path: string = `/images/layers/${diffId}${chain ? `?parent=${chain}` : ''}`
    const there: Answer = await ask(socketPath, { method: 'GET', path })
    if (there.status === 200) progress.note(`layer ${diffId.slice(7, 19)} is there already`)
    const answer: Answer =
      there.status === 200
        ? there
        : demand(await ask(socketPath, { method: 'PUT', path, body: await open() }))
    chain = answer.chain!
  }
  const { User, Env, Entrypoint, Cmd, WorkingDir, StopSignal } = image.config.config ?? {}
  const described = {
    id: image.id,
    names: image.names,
    chain: chain ?? null,
    entrypoint: Entrypoint ?? [],
    command: Cmd ?? [],
    env: Object.fromEntries((Env ?? []).map((pair) => pair.split(/=(.*)/s).slice(0, 2))),
    workingDir: WorkingDir,
    user: User,
    stopSignal: StopSignal,
  }
  const body = Readable.from([JSON.stringify(described)])
  return demand(await ask(socketPath, { method: 'POST', path: '/images', body })).names ?? []
}

interface Question {
  method: string
  path: string
  body?: Readable
}

interface Answer {
  status: number
  /** Names that the cluster knows an image by from now on. */
  names?: string[]
  /** Chain ID of a layer that is there. */
  chain?: string
  error?: { code: ErrorCode; message: string; cause?: string; hint?: string }
}

/** Resolves with the answer even where it comes before everything was sent. */
function ask(socketPath: string, { method, path, body }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(unreachable(error))
    const asked = request({ socketPath, method, path }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('error', fail).on('end', () => {
        resolve({ ...JSON.parse(text || '{}'), status: response.statusCode! })
        asked.destroy()
      })
    })
    asked.on('error', fail)
    body?.on('error', (error) => {
      asked.destroy()
      reject(new LabError({ code: 'bad-input', message: 'a layer cannot be read', cause: messageOf(error) }))
    })
    if (body) body.pipe(asked)
    else asked.end()
  })
}

function demand(answer: Answer): Answer {
  if (!answer.error) return answer
  throw new LabError(answer.error)
}

function unreachable(error: unknown): LabError {
  return new LabError({
    code: 'cluster-unreachable',
    message: 'the nodes do not take the image',
    cause: messageOf(error),
    hint: 'ztlab cluster list',
  })
}
