import type { Progress } from '../cluster/index.ts'
import type { Output } from './output.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Long work looks the same everywhere: a spinner on a terminal, one line with the time it took when it has ended. */
export function createProgress(output: Output): Progress {
  return {
    async step(title, work) {
      const started = performance.now()
      const stop = spin(output, title)
      try {
        const result = await work()
        stop()
        output.status(`✓ ${title} (${seconds(started)})`)
        return result
      } catch (error) {
        stop()
        output.status(`✗ ${title} (${seconds(started)})`)
        throw error
      }
    },
    warn: (text) => output.error(`! ${text}`),
    note: (text) => output.detail(`  ${text}`),
  }
}

function spin(output: Output, title: string): () => void {
  if (!output.isTerminal) return () => {}
  let frame = 0
  const draw = () => output.transient(`${frames[frame++ % frames.length]} ${title}`)
  draw()
  const timer = setInterval(draw, 80)
  return () => {
    clearInterval(timer)
    output.transient('')
  }
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`
}
