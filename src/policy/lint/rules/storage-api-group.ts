import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const storageKind: LintRule = {
  id: 'storage-api-group',
  severity: 'error',
  title: "An object of Calico's own storage",
  why: `\`crd.projectcalico.org/v1\` is how Calico stores what it was given. Written by hand it skips every default and every
check: \`types\` stays empty and closes both directions, and a policy that does not validate is dropped in silence.`,
  fix: 'write apiVersion: projectcalico.org/v3 and apply it with calicoctl or through the API server',
  cluster: shop,
  bad: `
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata: { name: default.protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]`,
  *check({ objects }) {
    for (const object of objects)
      if (object.apiVersion.startsWith('crd.projectcalico.org/'))
        yield { object, path: ['apiVersion'], message: `${object.apiVersion} skips defaults and validation` }
  },
}
