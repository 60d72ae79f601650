/** `argv` as a line that can be pasted into a POSIX shell. */
export function pasteable(argv: string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}

/** PATH with the system folders behind it: an ordinary user on Debian has no /usr/sbin, where runc, nft and ip live. */
export function searchPath(env: NodeJS.ProcessEnv): string {
  const folders = (env.PATH ?? '/usr/bin:/bin').split(':')
  const missing = ['/usr/local/sbin', '/usr/sbin', '/sbin'].filter((folder) => !folders.includes(folder))
  return [...folders, ...missing].join(':')
}
