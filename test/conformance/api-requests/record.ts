import { realPrograms, startRealApiServer } from './real-api-server.ts'
import { recordSchemas } from './record-schemas.ts'

/**
 * Records what a real API server publishes:
 * `KUBE_APISERVER=/path/to/kube-apiserver ETCD=/path/to/etcd npm run record:api`.
 */
const api = await startRealApiServer(realPrograms())
try {
  await recordSchemas(api)
} finally {
  await api.close()
}
