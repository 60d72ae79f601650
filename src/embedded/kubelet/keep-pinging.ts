const pingEveryMs = 5_000

/** While nothing is read from a client, only what is said to it tells whether it is still there. Returns what ends it. */
export function keepPinging(ping: () => void): () => void {
  const timer = setInterval(ping, pingEveryMs)
  return () => clearInterval(timer)
}
