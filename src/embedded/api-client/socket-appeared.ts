import { type FSWatcher, watch } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname } from 'node:path'

/**
 * Resolves when somebody listens on a Unix socket, or after `waitMs` whatever is there: who then connects hears why.
 * The folder of the socket must exist.
 */
export async function socketAppeared(path: string, waitMs: number): Promise<void> {
  if (await listens(path)) return
  let watcher: FSWatcher | undefined
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs)
    const look = async () => {
      if (await listens(path)) resolve()
    }
    watcher = watch(dirname(path), (_event, name) => {
      if (name === basename(path)) void look()
    })
    watcher.on('error', () => resolve())
    // It may have appeared between the first look and the watch.
    void look()
  }).finally(() => {
    clearTimeout(timer)
    watcher?.close()
  })
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
