// A reporter of Stryker: coverage/mutation-found.jsonl has each survivor as soon as it is found, for whoever watches.
import { appendFileSync, mkdirSync } from 'node:fs'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'

class Found {
  onMutantTested({ fileName, location, replacement, status }) {
    if (status !== 'Survived' && status !== 'NoCoverage') return
    mkdirSync('coverage', { recursive: true })
    const line = JSON.stringify({ fileName, location, replacement, status })
    appendFileSync('coverage/mutation-found.jsonl', `${line}\n`)
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'found', Found)]
