import { inspectPod } from '../../../src/inspect/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import type { Part } from '../backend.ts'
import { surprises, withObjects } from '../measure.ts'
import { service } from '../workloads.ts'

/** A cluster of both families: everything by IPv6, and policies that speak of one family or of both. */
export const dualStack: Part = (world) => {
  test('pods, nodes and Services that want it have an address of each family', async () => {
    const { kube } = world()
    const pods = await kube.list('v1', 'Pod', { namespace: 'shop' })
    for (const { status } of pods) {
      expect(status.podIPs).toEqual([
        { ip: expect.stringMatching(/^192\.168\./) },
        { ip: expect.stringMatching(/^fd00:10:244:/) },
      ])
      expect(status.podIP).toBe(status.podIPs[0].ip)
      expect(status.hostIPs).toHaveLength(2)
    }
    await withObjects(world(), [dual], async () => {
      const slices = await kube.list('discovery.k8s.io/v1', 'EndpointSlice', {
        namespace: 'shop',
        labelSelector: 'kubernetes.io/service-name=dual',
      })
      expect(slices.map(({ addressType }) => addressType).sort()).toEqual(['IPv4', 'IPv6'])
      const command = ['sh', '-c', 'nslookup dual.shop.svc.cluster.local; nslookup "$0"', 'dual.shop']
      const { stdout } = await kube.exec({ namespace: 'shop', pod: 'client', command })
      const { clusterIPs } = (await kube.get('v1', 'Service', 'dual', 'shop'))!.spec
      for (const address of clusterIPs) expect(stdout).toContain(address)
    })
  })

  test('a pod is followed down to its routes in each family', async () => {
    const { cluster, kube } = world()
    const inspection = await inspectPod({ cluster, kube, pod: 'shop/web' })
    const lines = (title: string) => inspection.sections.find((one) => one.title === title)!.lines.join('\n')
    expect(lines('routes in the pod')).toContain('default via 169.254.1.1 dev eth0')
    expect(lines('IPv6 routes in the pod')).toContain('default via fe80::ecee:eeff:feee:eeee dev eth0')
    expect(lines('IPv6 route on the node')).toContain(`dev ${inspection.veth.nodeInterface}`)
  })

  test('without policies everything talks by IPv6, also through Services and to itself', async () => {
    await withObjects(world(), [dual], async () => {
      const table = `
        from        | shop/web | shop/web:UDP/80 | svc/shop/dual:TCP/8080 | shop/web:TCP/99
        shop/web    | -        | -               | allow                  | -
        shop/client | allow    | allow           | allow                  | refused
        ops/monitor | allow    | allow           | allow                  | refused`
      expect(await surprises(world(), table, 6)).toEqual([])
    })
  })

  test('what selects pods governs both families, what names networks its own', async () => {
    const onlySix = kubernetes('six-alone', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ from: [{ ipBlock: { cidr: 'fd00:10:244::/56' } }], ports: [{ port: 80 }] }],
    })
    const bySelector = kubernetes('by-selector', {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }],
    })
    await withObjects(world(), [dual, onlySix, bySelector], async () => {
      const four = `
        from        | shop/web | svc/shop/dual:TCP/8080 | shop/db
        shop/client | deny     | deny                   | allow
        ops/monitor | deny     | deny                   | deny`
      expect(await surprises(world(), four, 4)).toEqual([])
      const six = `
        from        | shop/web | shop/web:TCP/81 | svc/shop/dual:TCP/8080 | shop/db
        shop/client | allow    | deny            | allow                  | allow
        ops/monitor | allow    | deny            | allow                  | deny`
      expect(await surprises(world(), six, 6)).toEqual([])
    })
  })

  test('Calico: ipVersion, nets of both families, and ICMPv6', async () => {
    const rules = calico('by-family', {
      selector: 'app == "web"',
      ingress: [
        { action: 'Allow', ipVersion: 4, source: { selector: 'app == "client"' } },
        { action: 'Deny', source: { nets: ['fd00:10:244:2::/64'], selector: 'app == "client"' } },
        { action: 'Allow', protocol: 'ICMPv6' },
        {
          action: 'Allow',
          protocol: 'TCP',
          source: { selector: 'app == "monitor"', namespaceSelector: 'all()' },
        },
      ],
    })
    await withObjects(world(), [rules], async () => {
      const four = `
        from        | shop/web | shop/web:ICMP/0
        shop/client | allow    | allow
        ops/monitor | allow    | deny`
      expect(await surprises(world(), four, 4)).toEqual([])
      const six = `
        from        | shop/web | shop/web:ICMP/0
        shop/client | deny     | deny
        ops/monitor | allow    | allow`
      expect(await surprises(world(), six, 6)).toEqual([])
    })
  })
}

const dual = service('shop/dual', {
  ipFamilyPolicy: 'RequireDualStack',
  selector: { app: 'web' },
  ports: [{ port: 8080, targetPort: 80 }],
})

function kubernetes(name: string, spec: object): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { policyTypes: ['Ingress'], ...spec },
  }
}

function calico(name: string, spec: object): KubernetesObject {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec,
  }
}
