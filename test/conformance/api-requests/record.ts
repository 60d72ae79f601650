import { publishedApi } from '../../../src/embedded/api/published/index.ts'
import { openKindApiServer } from './kind-api-server.ts'
import { realPrograms, startRealApiServer } from './real-api-server.ts'
import { recordAnswers } from './record-answers.ts'
import { recordProtobuf } from './record-protobuf.ts'
import { recordSchemas } from './record-schemas.ts'

/**
 * Records how the API server of a kind cluster answers the requests of this folder:
 * `KUBECONFIG=/path/to/kubeconfig npm run record:api`. Without a cluster, what a real API server publishes of its kinds,
 * from one that is started for it, so that nothing is among them that only some cluster has:
 * `KUBE_APISERVER=/path/to/kube-apiserver ETCD=/path/to/etcd npm run record:api`. With the folders of the Go modules
 * k8s.io/api, apimachinery, apiextensions-apiserver and kube-aggregator in K8S_MODULES, the numbers of protobuf too.
 */
const { KUBECONFIG: kubeconfig, K8S_MODULES: modules } = process.env
const api = kubeconfig ? await openKindApiServer(kubeconfig) : await startRealApiServer(realPrograms())
try {
  if (kubeconfig) await recordAnswers(api)
  else await recordSchemas(api)
  if (modules) await recordProtobuf(modules.split(' '), Object.keys(publishedApi().definitions))
} finally {
  await api.close()
}
