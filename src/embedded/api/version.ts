/** The Kubernetes whose behaviour this server follows; the suffix says that it is not that one. */
export const version = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0+ztlab',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
}
