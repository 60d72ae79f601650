import { mkdirSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IpVersion } from '../../cidr.ts'
import { type ApiClient, isApiError, type Programmer, resources } from '../api-client/index.ts'
import { followRevisions } from '../follow-revisions.ts'
import { dnsAddress, dnsObjects, zoneDirectory } from './objects.ts'
import { renderZone } from './zone.ts'

export { dnsAddress } from './objects.ts'
export { clusterDomain } from './zone.ts'

/** Creates the cluster's DNS and keeps its zone file equal to the Services. */
export function startDns(api: ApiClient, families: IpVersion[], log: (line: string) => void): Programmer {
  mkdirSync(zoneDirectory, { recursive: true, mode: 0o755 })
  let written = ''
  return followRevisions({
    name: 'dns',
    api,
    types: [resources.services, resources.endpointSlices],
    log,
    async program([services, slices]) {
      const zone = renderZone(services!.list(), slices!.list(), dnsAddress(families))
      if (zone === written) return
      // Renamed into place, so that the server never reads half of it.
      await writeFile(join(zoneDirectory, 'zone.new'), zone, { mode: 0o644 })
      await rename(join(zoneDirectory, 'zone.new'), join(zoneDirectory, 'zone'))
      written = zone
    },
  })
}

/** Creates the Service and the Deployment; those that exist stay as they are. */
export async function installDns(api: ApiClient, families: IpVersion[]): Promise<void> {
  const { service, deployment } = dnsObjects(families)
  const tolerateExisting = (error: unknown) => {
    if (!isApiError(error, 409)) throw error
  }
  await Promise.all([
    api.create(resources.services, service).catch(tolerateExisting),
    api.create(resources.deployments, deployment).catch(tolerateExisting),
  ])
}
