import { type Image, type ImageStore, isReference } from '../runtime/index.ts'
import type { ContainerFields } from './container-fields.ts'

export interface ImagePullHost {
  images: ImageStore
  /** The container waits for its image, and why. */
  waiting(reason: string, message: string): void
  event(type: 'Normal' | 'Warning', reason: string, message: string): void
}

/** How long a kubelet says that a pull has failed before it says that it waits with the next. */
const backOffAfterMs = 10_000

/**
 * Finds a container's image by its pull policy, and where there is none waits until one is imported: asking again
 * meanwhile, as a kubelet does with its registry, could give no other answer.
 */
export class ImagePull {
  private stopped = false
  private timer: NodeJS.Timeout | undefined
  private wake: () => void = () => undefined

  constructor(
    private readonly spec: ContainerFields,
    private readonly host: ImagePullHost,
  ) {}

  /** Resolves with null where it is told to stop. */
  async image(): Promise<Image | null> {
    const { images } = this.host
    let found = this.find()
    for (let said = ''; !found && !this.stopped; found = this.find()) {
      if (said !== this.reason()) this.complain()
      said = this.reason()
      await new Promise<void>((resolve) => {
        this.wake = resolve
        images.once('added', resolve)
      })
      images.off('added', this.wake)
    }
    clearTimeout(this.timer)
    if (!found || this.stopped) return null
    this.tell(found)
    return found
  }

  /** What there is now, without a word. */
  find(): Image | undefined {
    const { images } = this.host
    return this.spec.imagePullPolicy === 'Always'
      ? images.pull(this.spec.image)
      : images.find(this.spec.image)
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.wake()
  }

  private complain(): void {
    const { image, imagePullPolicy } = this.spec
    if (!isReference(image)) {
      const why = /^[^/:@]*[A-Z]/.test(image) ? ': repository name must be lowercase' : ''
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${why}`
      this.host.event('Warning', 'InspectFailed', message)
      this.refuse('InvalidImageName', message)
      return
    }
    if (imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      this.refuse('ErrImageNeverPull', message)
      return
    }
    const why = `failed to pull "${image}": ${this.reason()}`
    this.host.event('Warning', 'Failed', `Failed to pull image "${image}": ${why}`)
    this.refuse('ErrImagePull', why)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.host.event('Normal', 'BackOff', `Back-off pulling image "${image}"`)
      this.refuse('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${why}`)
    }, backOffAfterMs)
  }

  private refuse(reason: string, message: string): void {
    if (reason !== 'ImagePullBackOff') this.host.event('Warning', 'Failed', `Error: ${reason}`)
    this.host.waiting(reason, message)
  }

  private reason(): string {
    const { images } = this.host
    if (images.find(this.spec.image))
      return 'it was loaded, but imagePullPolicy Always asks a registry: set IfNotPresent or Never'
    const names = images.list().flatMap((image) => image.names)
    return `it is not in the catalogue of this cluster, which has: ${names.join(', ')}; "ztlab cluster load ARCHIVE" brings others`
  }

  private tell({ standIn }: Image): void {
    const { image } = this.spec
    this.host.event('Normal', 'Pulled', `Container image "${image}" already present on machine`)
    if (standIn) this.host.event('Normal', 'StandInImage', `${image} is a stand-in here: ${standIn}`)
  }
}
