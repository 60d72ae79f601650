import { bookmarks } from './bookmarks.ts'
import { custom, defining } from './custom.ts'
import { discovery } from './discovery.ts'
import { dryRun } from './dry-run.ts'
import { evictions } from './evictions.ts'
import { finalizers } from './finalizers.ts'
import { invalid } from './invalid.ts'
import { invalidKinds } from './invalid-kinds.ts'
import { kinds } from './kinds.ts'
import { lives } from './lives.ts'
import { managers } from './managers.ts'
import { pages } from './pages.ts'
import { patching } from './patching.ts'
import { pods } from './pods.ts'
import { core, object, post, type Request } from './request.ts'
import { reviews } from './reviews.ts'
import { selecting } from './selecting.ts'
import { services } from './services.ts'
import { streams } from './streams.ts'
import { watching } from './watching.ts'

export type { Request }

/** What has to be there first, on either side. */
export const preparation: Request[] = [
  post('the namespace', '/api/v1/namespaces', object('v1', 'Namespace', 'shop')),
  post('its service account', `${core}/serviceaccounts`, object('v1', 'ServiceAccount', 'default')),
  ...defining,
]

export const requests: Request[] = [
  ...discovery,
  ...lives,
  ...invalid,
  ...selecting,
  ...watching,
  ...patching,
  ...pods,
  ...services,
  ...finalizers,
  ...custom,
  ...reviews,
  ...streams,
  ...pages,
  ...bookmarks,
  ...dryRun,
  ...managers,
  ...evictions,
  ...invalidKinds,
  ...kinds,
]
