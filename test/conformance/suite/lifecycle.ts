import { connectKube } from '../../../src/kube/index.ts'
import { endTimeoutMs, type Part, silent } from '../backend.ts'

export const lifecycle: Part = (world) => {
  test('a cluster is listed by its name, and can be opened by it', async () => {
    const { backend, cluster, nodes } = world()
    expect(await backend.list()).toContain(cluster.name)
    const opened = await backend.open(cluster.name)
    expect(await opened.nodes()).toEqual(nodes)
    const kube = await connectKube(opened.kubeconfig)
    expect((await kube.list('v1', 'Node')).map(({ metadata }) => metadata.name).sort()).toEqual(
      nodes.map(({ name }) => name).sort(),
    )
    kube.close()
    await opened.close()
    expect(await backend.list()).toContain(cluster.name)
  })

  test('a name that is taken is refused, and whoever has it lives on', async () => {
    const { backend, kube, spec } = world()
    await expect(backend.create(spec, silent)).rejects.toMatchObject({ code: 'bad-input' })
    expect(await backend.list()).toContain(spec.name)
    expect(await kube.get('v1', 'Pod', 'web', 'shop')).toMatchObject({ status: { phase: 'Running' } })
  })

  test('a name that nobody has cannot be opened, and deleting it is no error', async () => {
    const { backend } = world()
    await expect(backend.open('conformance-nobody')).rejects.toMatchObject({ code: 'not-found' })
    await backend.delete('conformance-nobody')
  })

  test('nodes are ready, have addresses and run the DNS', async () => {
    const { kube, nodes } = world()
    for (const { metadata, status } of await kube.list('v1', 'Node')) {
      expect({ node: metadata.name, conditions: status.conditions }).toMatchObject({
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
      })
    }
    expect(nodes.map(({ address }) => address)).toEqual(nodes.map(() => expect.stringMatching(/^[\d.]+$/)))
    const dns = await kube.list('v1', 'Pod', { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' })
    expect(dns.map(({ status }) => status.phase)).toContain('Running')
  })
}

/** The last part: it ends the cluster. */
export const ending: Part = (world) => {
  test(
    'closing a cluster that was made for a run deletes it',
    async () => {
      const { backend, cluster, close } = world()
      await close()
      expect(await backend.list()).not.toContain(cluster.name)
      await expect(backend.open(cluster.name)).rejects.toMatchObject({ code: 'not-found' })
    },
    endTimeoutMs,
  )
}
