import { readFileSync } from 'node:fs'
import { LabError, messageOf } from './errors.ts'

/**
 * The text of a file that a person wrote; `shown` is its name in messages. Throws `bad-input` with the reason where it
 * cannot be read, and with `file:line:col` of the first byte that is no UTF-8.
 */
export function readTextFile(file: string, shown: string = file): string {
  const bytes = readBytes(file, shown)
  const text = bytes.toString('utf8')
  const at = text.includes('\ufffd') ? firstForeignByte(bytes) : -1
  if (at === -1) return text
  const before = bytes.subarray(0, at).toString('utf8').split('\n')
  throw new LabError({
    code: 'bad-input',
    message: `${shown} is no text`,
    problems: [`${shown}:${before.length}:${before.at(-1)!.length + 1} is not UTF-8 (save it as UTF-8)`],
    hint: `iconv -f ENCODING -t UTF-8 ${shown}`,
  })
}

/** Why the file system did not do what it was asked for, in words. */
export function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return (code && words[code]) || messageOf(error)
}

const words: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'you have no permission to read it',
  EPERM: 'you have no permission to read it',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
}

function readBytes(file: string, shown: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new LabError({
      code: 'bad-input',
      message: `${shown} cannot be read`,
      cause: whyUnreadable(error),
      hint: `ls -l ${shown}`,
    })
  }
}

/** Where a byte stands that no UTF-8 has there; -1 where the replacement character itself is written. */
function firstForeignByte(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'), 'utf8')
  const end = Math.max(bytes.length, again.length)
  for (let at = 0; at < end; at++) if (bytes[at] !== again[at]) return at
  return -1
}
