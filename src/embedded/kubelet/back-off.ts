const firstMs = 10_000
const mostMs = 300_000
/** After running this long a container is taken to be well again. */
const wellAfterMs = 600_000

/** How long a container that ended waits before it is started again, as the kubelet has it: not at all, then 10 s, doubling to 5 min. */
export class BackOff {
  private nextMs = 0

  /** `ranMs` is how long the container ran this time. */
  next(ranMs: number): number {
    if (ranMs >= wellAfterMs) this.nextMs = 0
    const delayMs = this.nextMs
    this.nextMs = delayMs === 0 ? firstMs : Math.min(mostMs, delayMs * 2)
    return delayMs
  }
}
