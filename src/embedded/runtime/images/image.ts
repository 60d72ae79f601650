/** An image that containers can be made of. */
export interface Image {
  /** As a container's status names it: a digest, or the name of one of the catalogue. */
  id: string
  /** As nodes list it. */
  names: string[]
  /** Directories, from top to bottom. */
  layers: string[]
  entrypoint: string[]
  command: string[]
  env?: Record<string, string>
  workingDir?: string
  /** `USER` of the image: numbers or names of its own passwd and group, with an optional group after a colon. */
  user?: string
  /** Signal that asks its program to end, such as SIGQUIT. */
  stopSignal?: string
  sizeBytes: number
  /** What differs from the published image of this name, for an Event. */
  standIn?: string
}
