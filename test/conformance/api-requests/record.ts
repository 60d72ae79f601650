import { publishedApi } from '../../../src/embedded/api/published/index.ts'
import { realPrograms, startRealApiServer } from './real-api-server.ts'
import { recordAnswers } from './record-answers.ts'
import { recordProtobuf } from './record-protobuf.ts'
import { recordSchemas } from './record-schemas.ts'

/**
 * Records what a real API server publishes, and how it answers the requests of this folder:
 * `KUBE_APISERVER=/path/to/kube-apiserver ETCD=/path/to/etcd npm run record:api`. With the folders of the Go modules
 * k8s.io/api, apimachinery, apiextensions-apiserver and kube-aggregator in K8S_MODULES, the numbers of protobuf too.
 */
const api = await startRealApiServer(realPrograms())
try {
  await recordSchemas(api)
  await recordAnswers(api)
  const modules = process.env.K8S_MODULES?.split(' ') ?? []
  if (modules.length) await recordProtobuf(modules, Object.keys(publishedApi().definitions))
} finally {
  await api.close()
}
