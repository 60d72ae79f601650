import type { ExecRequest } from '../../../src/kube/index.ts'
import type { Part } from '../backend.ts'
import { surprises, verdicts } from '../measure.ts'

export const matrix: Part = (world) => {
  test('without policies everything talks, by address, Service and name', async () => {
    const table = `
      from        | shop/web | shop/web:TCP/81 | shop/web:UDP/80 | svc/shop/web:TCP/8080 | name:web.shop:TCP/8080 | name:headless.shop
      shop/client | allow    | allow           | allow           | allow                 | allow                  | allow
      ops/monitor | allow    | allow           | allow           | allow                 | allow                  | allow`
    expect(await surprises(world(), table)).toEqual([])
  })

  test('a pod reaches itself through its own Service', async () => {
    const table = `
      from     | svc/shop/web:TCP/8080
      shop/web | allow`
    expect(await surprises(world(), table)).toEqual([])
  })

  test('names resolve with every suffix that a pod may leave out, and no others', async () => {
    const table = `
      from        | dns:web.shop | dns:web.shop.svc | dns:web.shop.svc.cluster.local | dns:kubernetes.default | dns:web     | dns:client.shop
      shop/client | allow        | allow            | allow                          | allow                  | allow       | dns-failure
      ops/monitor | allow        | allow            | allow                          | allow                  | dns-failure | dns-failure`
    expect(await surprises(world(), table)).toEqual([])
  })

  test('the DNS pods answer by UDP and TCP', async () => {
    const table = `
      from        | kube-system/kube-dns:UDP/53 | kube-system/kube-dns:TCP/53 | svc/kube-system/kube-dns:UDP/53
      shop/client | allow                       | allow                       | allow`
    expect(await surprises(world(), table)).toEqual([])
  })

  test('who is not listening, not there, not in DNS, or cannot be asked: each has a verdict of its own', async () => {
    const table = `
      from         | shop/web:TCP/99 | svc/shop/hollow | name:nobody.shop | shop/nobody
      shop/client  | refused         | refused         | dns-failure      | not-run
      shop/noshell | unsupported     | unsupported     | unsupported      | not-run
      shop/nobody  | not-run         | not-run         | not-run          | not-run`
    expect(await verdicts(world(), table)).toEqual([])
  })

  test('an exec that breaks is an error, and no answer', async () => {
    const { kube } = world()
    const breaks = { ...kube, exec: (request: ExecRequest) => kube.exec({ ...request, container: 'nope' }) }
    const table = `
      from        | shop/web | svc/shop/web:TCP/8080 | name:nobody.shop
      shop/client | error    | error                 | error`
    expect(await verdicts({ ...world(), kube: breaks }, table)).toEqual([])
  })

  test('a protocol that cannot be probed is unsupported, and never a denial', async () => {
    const { cluster } = world()
    const table = `
      from        | shop/web:ICMP/0
      shop/client | ${cluster.abilities.protocols.includes('ICMP') ? 'allowed' : 'unsupported'}`
    expect(await verdicts(world(), table)).toEqual([])
  })
}
