import { spawnSync } from 'node:child_process'

/** Why kubectl cannot be used in tests, or null: it speaks v5 of the exec protocol from 1.31 on. */
export function whyNoKubectl(): string | null {
  const asked = spawnSync('kubectl', ['version', '--client', '--output', 'json'], { encoding: 'utf8' })
  const match = /"minor":\s*"(\d+)/.exec(asked.stdout ?? '') ?? /v1\.(\d+)/.exec(asked.stdout ?? '')
  if (!match) return 'no kubectl on PATH'
  return Number(match[1]) >= 31 ? null : `kubectl 1.${match[1]} is older than 1.31`
}
