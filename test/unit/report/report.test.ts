import { readdirSync } from 'node:fs'
import {
  formatComparison,
  formatLabRun,
  type ReportFormat,
  reportFormats,
  textStyle,
} from '../../../src/report/index.ts'
import { expectGolden } from '../../support/golden.ts'
import { sampleComparison, sampleRun } from './sample-run.ts'

const endings: Record<ReportFormat, string> = { text: 'txt', json: 'json', junit: 'xml', markdown: 'md' }

test.each(reportFormats)('a run as %s is its golden file', (format) => {
  expectGolden(`report/lab-run.${endings[format]}`, formatLabRun(sampleRun, format))
})

test.each(reportFormats)('a comparison as %s is its golden file', (format) => {
  expectGolden(`report/comparison.${endings[format]}`, formatComparison(sampleComparison, format))
})

test('on a narrow terminal the table has signs alone, and a legend', () => {
  expectGolden(
    'report/comparison-narrow.txt',
    formatComparison(sampleComparison, 'text', textStyle({ color: false, width: 50 })),
  )
})

test('where the names of sources do not fit side by side, columns have numbers that stand below', () => {
  const long = `client-${'x'.repeat(30)}`
  const renamed = JSON.stringify(sampleComparison).replaceAll('shop/client', `shop/${long}`)
  const lines = formatComparison(JSON.parse(renamed), 'text', textStyle({ color: false, width: 80 })).split(
    '\n',
  )
  expect(lines[0]).toMatch(/^ {2}to \\ from +1 +2$/)
  expect(lines).toEqual(expect.arrayContaining([`  1 = ${long}`, '  2 = web']))
  expect(Math.max(...lines.slice(0, 8).map(({ length }) => length))).toBeLessThanOrEqual(80)
})

test('colours change nothing but colours', () => {
  const colored = formatLabRun(sampleRun, 'text', textStyle({ color: true, width: 120 }))
  const plain = formatLabRun(sampleRun, 'text')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of a colour
  const stripped = colored.replace(/\u001b\[\d+m/g, '')
  expect(stripped.replaceAll('`', '')).toBe(plain.replaceAll('`', ''))
})

test('the JSON of a run is one document that reads back as the run', () => {
  expect(JSON.parse(formatLabRun(sampleRun, 'json'))).toEqual(sampleRun)
})

test('no golden file is left of a report that is gone', () => {
  const names = Object.values(endings).flatMap((ending) => [`lab-run.${ending}`, `comparison.${ending}`])
  expect(readdirSync('test/golden/report').sort()).toEqual([...names, 'comparison-narrow.txt'].sort())
})
