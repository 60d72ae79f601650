import { kubernetesVersion } from '../kubernetes-version.ts'

/** What `/version` answers; the suffix says that it is not the real one. */
export const version = {
  major: '1',
  minor: '34',
  gitVersion: `${kubernetesVersion}+ztlab`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
}
