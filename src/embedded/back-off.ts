export interface Delays {
  /** Before the first restart, and before the second; from then on each is twice the one before. */
  firstMs: number
  secondMs: number
  mostMs: number
  /** After running this long what was started is taken to be well again. */
  wellAfterMs: number
}

/** As the kubelet has it for containers: not at all, then 10 s, doubling to 5 min. */
export const containerDelays: Delays = {
  firstMs: 0,
  secondMs: 10_000,
  mostMs: 300_000,
  wellAfterMs: 600_000,
}

/** For nodes: 1 s, doubling to what kubeadm has systemd wait before it starts a kubelet again (RestartSec=10). */
export const nodeDelays: Delays = { firstMs: 1_000, secondMs: 2_000, mostMs: 10_000, wellAfterMs: 60_000 }

/** How long what has ended waits before it is started again. */
export class BackOff {
  private nextMs: number

  constructor(private readonly delays: Delays) {
    this.nextMs = delays.firstMs
  }

  /** `ranMs` is how long it ran this time. */
  next(ranMs: number): number {
    const { firstMs, secondMs, mostMs, wellAfterMs } = this.delays
    if (ranMs >= wellAfterMs) this.nextMs = firstMs
    const delayMs = this.nextMs
    this.nextMs = Math.min(mostMs, Math.max(secondMs, delayMs * 2))
    return delayMs
  }
}
