import { WindowSizes } from '../../../../../src/embedded/kubelet/exec/window-sizes.ts'

function heard(...texts: string[]): string[] {
  const sizes = new WindowSizes()
  const said: string[] = []
  sizes.listen(({ columns, rows }) => said.push(`${columns}x${rows}`))
  for (const text of texts) sizes.take(text)
  return said
}

test('sizes are told as they come, whatever the pieces', () => {
  expect(heard('{"Width":80,"Height":24}\n{"Width":', '100,"Height":50}', '\n')).toEqual(['80x24', '100x50'])
})

test('of sizes that came before anybody listened the last counts', () => {
  const sizes = new WindowSizes()
  sizes.take('{"Width":80,"Height":24}\n{"Width":100,"Height":50}\n')
  const said: number[] = []
  sizes.listen(({ columns }) => said.push(columns))
  expect(said).toEqual([100])
})

test.each(['', 'null', '[]', '{', '{"Width":-1,"Height":1}', '{"Width":1e21,"Height":1}', '{"Width":1.5}'])(
  '%p is no size, and the next one is heard',
  (text) => {
    expect(heard(`${text}\n{"Width":2,"Height":1}\n`)).toEqual(['2x1'])
  },
)

test('a line that never ends is not kept', () => {
  expect(heard(...Array(100).fill('x'.repeat(1000)), '\n{"Width":2,"Height":1}\n')).toEqual(['2x1'])
  expect(heard(`{"Width":2,"Height":1${' '.repeat(2000)}}\n`)).toEqual([])
})
