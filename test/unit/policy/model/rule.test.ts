import { formatCidr } from '../../../../src/cidr.ts'
import { Catalog } from '../../../../src/policy/model/catalog.ts'
import { Groups } from '../../../../src/policy/model/groups.ts'
import { compileRules, type PeerDraft, type RuleDraft } from '../../../../src/policy/model/rule.ts'

function versionsOf(source: PeerDraft, more: Partial<RuleDraft> = {}) {
  const draft: RuleDraft = { action: 'allow', index: 0, source, destination: {}, ...more }
  return compileRules([draft], new Groups(new Catalog([])))[0]!.versions
}

test.each<[string, PeerDraft, Partial<RuleDraft>, number[]]>([
  ['nothing', {}, {}, [4, 6]],
  ['a family', {}, { ipVersion: 6 }, [6]],
  ['blocks of one', { nets: ['10.0.0.0/8'] }, {}, [4]],
  ['blocks of both', { nets: ['10.0.0.0/8', 'fd00::/8'] }, {}, [4, 6]],
  ['blocks of one that are left out', { notNets: ['fd00::/8'] }, {}, [6]],
  ['blocks of one at the other end', {}, { destination: { notNets: ['fd00::/8'] } }, [6]],
  ['one at either end', { nets: ['10.0.0.0/8'] }, { destination: { nets: ['fd00::/8'] } }, []],
  ['every address of one left out', { notNets: ['0.0.0.0/0', 'fd00::/8'] }, {}, [6]],
  ['every address of one, and no more', { notNets: ['0.0.0.0/0'] }, {}, []],
  ['every address wanted', { nets: ['0.0.0.0/0'] }, {}, [4]],
])('a rule is of the families that are left: %s', (_, source, more, versions) => {
  expect(versionsOf(source, more)).toEqual(versions)
})

test('rules have a place of their own beside the index of their author', () => {
  const draft = (index: number): RuleDraft => ({
    action: 'deny',
    index,
    source: { nets: ['10.0.0.0/8'], ports: [{ first: 1, last: 2 }] },
    destination: {},
  })
  const rules = compileRules([draft(0), draft(0), draft(1)], new Groups(new Catalog([])))
  expect(rules.map(({ index, position }) => [index, position])).toEqual([
    [0, 0],
    [0, 1],
    [1, 2],
  ])
  expect(rules[0]!.source.nets.map(formatCidr)).toEqual(['10.0.0.0/8'])
  expect(rules[0]!.source.ports).toEqual([{ first: 1, last: 2 }])
})
