import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import type { Part } from '../backend.ts'
import { withObjects } from '../measure.ts'
import { service } from '../workloads.ts'

/** Services and their names, as every pod finds them, whoever translates them. */
export const services: Part = (world) => {
  /** What a shell in that pod prints; `$0` and on are the words. */
  const say = async (pod: string, script: string, ...words: string[]) => {
    const command = ['sh', '-c', script, ...words]
    const { stdout, stderr } = await world().kube.exec({
      namespace: 'shop',
      pod,
      container: 'main',
      command,
      timeoutMs: 120_000,
    })
    return `${stdout}${stderr}`.trim()
  }
  const addressOf = async (name: string): Promise<string> =>
    (await world().kube.get('v1', 'Service', name, 'shop'))!.spec.clusterIP
  const lookUp = (type: string, name: string) =>
    say('client', 'nslookup -type="$0" "$1" 2>&1', type, `${name}.shop.svc.cluster.local`)

  test('with session affinity a client stays with its endpoint, and is free again after the time', async () => {
    const sticky = (name: string, timeoutSeconds: number) =>
      service(`shop/${name}`, {
        selector: { tier: 'front' },
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds } },
        ports: [{ port: 80 }],
      })
    // Long enough for ten requests of a busy machine, and short enough to wait for.
    await withObjects(world(), [sticky('long', 600), sticky('short', 1)], async () => {
      const urlOf = async (name: string) => `http://${await addressOf(name)}/hostname`
      const ten = 'for each in 1 2 3 4 5 6 7 8 9 10; do wget -qO- "$0"; echo; done'
      expect(new Set((await say('db', ten, await urlOf('long'))).split('\n')).size).toBe(1)
      // Each time, one of two is chosen: some time it is the other.
      const moved = `first=$(wget -qO- "$0")
        while sleep 2; do next=$(wget -qO- "$0") && [ "$next" != "$first" ] && { echo moved; exit; }; done`
      expect(await say('db', moved, await urlOf('short'))).toBe('moved')
    })
  })

  test('internalTrafficPolicy Local leads to the own node alone', async () => {
    if (world().nodes.length < 2) return
    const local = service('shop/near', {
      selector: { app: 'db' },
      internalTrafficPolicy: 'Local',
      ports: [{ port: 80 }],
    })
    await withObjects(world(), [local], async () => {
      const url = `http://${await addressOf('near')}/hostname`
      expect(await say('client', 'wget -qO- "$0"', url)).toBe('db')
      expect(await say('web', 'timeout 1 wget -qO- "$0" 2>/dev/null || echo silence', url)).toBe('silence')
    })
  })

  test('named ports have SRV records, and addresses lead back to names', async () => {
    const named = service('shop/named', {
      selector: { app: 'web' },
      ports: [{ name: 'web', port: 80, targetPort: 'http' }],
    })
    await withObjects(world(), [named], async () => {
      expect(await lookUp('SRV', '_web._tcp.named')).toMatch(/\b80\s+named\.shop\.svc\.cluster\.local/)
      const address = await addressOf('named')
      expect(await say('client', 'nslookup "$0"', address)).toContain('named.shop.svc.cluster.local')
      expect(await say('client', 'wget -qO- "$0"', `http://${address}/hostname`)).toBe('web')
    })
  })

  test('a name that is not there is NXDOMAIN; one without an address of that family is merely empty', async () => {
    expect(await lookUp('A', 'nobody')).toContain('NXDOMAIN')
    const missing = (await isDual()) ? 'MX' : 'AAAA'
    expect(await lookUp(missing, 'hollow')).not.toContain('NXDOMAIN')
  })

  test('an ExternalName is an alias', async () => {
    const alias = service('shop/alias', {
      type: 'ExternalName',
      externalName: 'web.shop.svc.cluster.local',
    })
    await withObjects(world(), [alias], async () => {
      expect(await lookUp('CNAME', 'alias')).toContain('web.shop.svc.cluster.local')
      expect(await say('client', 'wget -qO- http://alias.shop:8080/hostname')).toBe('web')
    })
  })

  test('a pod with a hostname in the subdomain of a headless Service has a name of its own', async () => {
    const container = { name: 'main', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['pause'] }
    const member: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'member-1', namespace: 'shop', labels: { app: 'member' } },
      spec: {
        hostname: 'first',
        subdomain: 'members',
        terminationGracePeriodSeconds: 0,
        containers: [container],
      },
    }
    const members = service('shop/members', { clusterIP: 'None', selector: { app: 'member' } })
    await withObjects(world(), [members, member], async () => {
      await world().kube.waitReady([member], { timeoutMs: 30_000 })
      const { status } = (await world().kube.get('v1', 'Pod', 'member-1', 'shop'))!
      const found = 'for each in 1 2 3 4 5 6 7 8 9; do nslookup "$0" && exit; sleep 1; done'
      expect(await say('client', found, 'first.members.shop.svc.cluster.local')).toContain(status.podIP)
    })
  })

  async function isDual(): Promise<boolean> {
    const pod = (await world().kube.get('v1', 'Pod', 'client', 'shop'))!
    return pod.status.podIPs.length > 1
  }
}
