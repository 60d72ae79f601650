/** An age as kubectl writes it: `35s`, `4m10s`, `3h20m`, `2d`. */
export function age(since: string | undefined, now: number = Date.now()): string {
  const at = Date.parse(since ?? '')
  if (Number.isNaN(at)) return '<unknown>'
  return duration(Math.max(0, now - at))
}

/** A length of time as kubectl writes it. */
export function duration(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000)
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  return days < 8 ? joined(days, 'd', hours % 24, 'h') : `${days}d`
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small ? `${large}${largeUnit}${small}${smallUnit}` : `${large}${largeUnit}`
}
