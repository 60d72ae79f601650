const firstMs = 1_000
/** What kubeadm has systemd wait before it starts a kubelet again (RestartSec=10). */
const mostMs = 10_000
/** After running this long it is taken to be well again. */
const wellAfterMs = 60_000

/** How long what has ended waits before it is started again: 1 s, doubling to 10 s. */
export class RestartDelay {
  private nextMs = firstMs

  /** `ranMs` is how long it ran this time. */
  next(ranMs: number): number {
    if (ranMs >= wellAfterMs) this.nextMs = firstMs
    const delayMs = this.nextMs
    this.nextMs = Math.min(mostMs, delayMs * 2)
    return delayMs
  }
}
