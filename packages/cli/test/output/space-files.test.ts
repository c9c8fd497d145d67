/** How `shoal space` speaks of what is in a space. Read the snapshots aloud. */
import { expect, test } from 'vitest'
import { AddReporter } from '../../src/output/space/add-reporter.ts'
import { reportSpaceChange } from '../../src/output/space/changes.ts'
import { reportExported } from '../../src/output/space/exported.ts'
import { GetReporter } from '../../src/output/space/get-reporter.ts'
import { writeMore } from '../../src/output/space/matches.ts'
import { entryFormat } from '../../src/output/space/rows.ts'
import { WatchReporter } from '../../src/output/space/watch.ts'
import { SPACE_CHANGES } from '../../src/strings/spaces.ts'
import { PLAN, jsonLines } from '../support.ts'
import { HOSTILE, id, STUDIO, ENTRY, OTHER, forms } from './space-forms.ts'

test('rows of entries, also with names that would drive the terminal', () => {
  const rows = forms((output) => {
    const format = entryFormat(output)
    for (const entry of [ENTRY, OTHER]) output.stdout.write(`${format(entry)}\n`)
  })
  expect(rows['pipe']).toBe(
    [
      `2100000000\t2026-11-21T07:02:03.000Z\there\t${ENTRY.author}\tdone,raw\tclips/sea.mov`,
      `5\t2026-11-21T07:02:03.000Z\tlisted\t${ENTRY.author}\ta\\u{9}b,holiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail\tholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail`,
      '',
    ].join('\n'),
  )
  expect(jsonLines(rows['json'] ?? '')[1]).toEqual({
    type: 'entry',
    path: HOSTILE,
    bytes: 5,
    tags: ['a\tb', HOSTILE],
    author: ENTRY.author,
    here: false,
    media: 'video/quicktime',
    mtime: ENTRY.modifiedMs,
    title: 'Sea',
    note: HOSTILE,
    root: 'bafyroot',
  })
  expect(rows['terminal']).toMatch(
    /^ 2\.1 GB {2}2026-11-2\d \d\d:\d2 {2}here {4}clips\/sea\.mov {2}#done {2}#raw\n/,
  )
  expect(rows['terminal']).toMatch(
    /\n {4}5 B .* listed {2}holiday\\u\{202e\}.*\n {35}Sea\n {35}holiday\\u\{202e\}/,
  )
  expect(rows['quiet']).toBe('clips/sea.mov\nholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail\n')
})

test('what was changed, and how it is undone', () => {
  const change = { batches: [id('12')], entries: 3 }
  const told = (Object.keys(SPACE_CHANGES) as (keyof typeof SPACE_CHANGES)[]).map(
    (action) => forms((output) => reportSpaceChange(output, action, change, STUDIO))['terminal'],
  )
  expect(told).toMatchSnapshot('each')
  expect(forms((output) => reportSpaceChange(output, 'rm', change, STUDIO))).toMatchSnapshot('one change')
  const several = { batches: [id('12'), id('34')], entries: 400 }
  expect(forms((output) => reportSpaceChange(output, 'add', several, STUDIO))).toMatchSnapshot('two changes')
  const many = { batches: Array.from({ length: 9 }, (_, i) => id(String(i))), entries: 2_000 }
  expect(forms((output) => reportSpaceChange(output, 'mv', many, STUDIO))['terminal']).toMatchSnapshot(
    'many changes',
  )
  const none = { batches: [], entries: 0 }
  expect(forms((output) => reportSpaceChange(output, 'tag', none, STUDIO))).toMatchSnapshot('nothing changed')
})

test('a search that told of fewer than match says so', () => {
  expect(
    forms((output) => writeMore(output, 'studio', { shown: 100, total: 240, isCut: false })),
  ).toMatchSnapshot('some more')
  expect(
    forms((output) => writeMore(output, 'studio', { shown: 500, total: 500, isCut: true })),
  ).toMatchSnapshot('many more')
})

test('a live query tells what came, went and changed', () => {
  const told = forms((output) => {
    const reporter = new WatchReporter(output)
    reporter.matches({ entries: [ENTRY, OTHER], total: 2, isCut: false })
    reporter.matches({
      entries: [
        { ...ENTRY, tags: [] },
        { ...ENTRY, path: 'new' },
      ],
      total: 2,
      isCut: false,
    })
  })
  expect(told['pipe']).toBe(
    [
      '+\t2100000000\tclips/sea.mov',
      '+\t5\tholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail',
      '-\t5\tholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail',
      '~\t2100000000\tclips/sea.mov',
      '+\t2100000000\tnew',
      '',
    ].join('\n'),
  )
  expect(told['quiet']?.split('\n')).toHaveLength(5)
  expect(told['terminal']).toMatch(/^\+ {3}2\.1 GB {2}clips\/sea\.mov\n/)
  expect(jsonLines(told['json'] ?? '').map(({ type }) => type)).toEqual([
    'found',
    'entry',
    'entry',
    'found',
    'entry',
    'entry',
  ])
  expect(jsonLines(told['json'] ?? '')[0]).toEqual({ type: 'found', entries: 2, total: 2, cut: false })
})

test('files are read to be put in, and no link of them is told', () => {
  const told = forms((output) => {
    const reporter = new AddReporter(output, ['/home/ada/clips', `/home/ada/${HOSTILE}`])
    reporter.start(STUDIO)
    reporter.event({ type: 'hashing', bytes: 500, total: 1_000 })
    const ready = {
      name: 'clips',
      kind: 'folder',
      bytes: 1_000,
      files: 2,
      sealed: true,
      addresses: [],
    } as const
    reporter.event({ type: 'ready', link: 'shoal://bafy#SECRET', root: 'bafy', ...ready })
    reporter.event({ type: 'warning', code: 'WARN_SKIPPED', message: `left out ${HOSTILE}` })
    reporter.clear()
    reporter.close()
  })
  expect(JSON.stringify(told)).not.toContain('SECRET')
  expect(told['pipe']).toBe('')
  expect(told['terminal']).toBe('! left out holiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail')
  expect(told['notes']).toBe(
    'space studio: reading\nspace studio: 50% read, 500 bytes\nwarning: left out holiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail',
  )
  expect(jsonLines(told['json'] ?? '').map(({ type }) => type)).toEqual(['hashing', 'warning'])
})

test('what was fetched: each file, and not the folders of the single fetches', () => {
  const done = {
    root: 'b',
    path: '/in/Holiday',
    bytes: 5,
    seconds: 1,
    bytesFetched: 5,
    bytesReused: 0,
  } as const
  const got = Array.from({ length: 12 }, (_, i) => ({ path: `f${i}`, file: `/in/f${i}`, bytes: 5 }))
  const told = forms((output) => {
    const reporter = new GetReporter(output)
    for (let fetch = 0; fetch < 2; fetch++) {
      reporter.event(PLAN)
      reporter.event({ type: 'done', ...done, transferSeconds: 1 })
    }
    reporter.got(got)
    reporter.close()
  })
  expect(told['pipe']).toBe(got.map(({ file }) => `${file}\n`).join(''))
  expect(told['quiet']).toBe(told['pipe'])
  expect(told['terminal']).toMatch(/✓ Holiday[^]*✓ Holiday[^]*\n\/in\/f9\nand 2 files more there$/)
  expect(told['terminal']).not.toContain('/in/Holiday')
  expect(jsonLines(told['json'] ?? '').filter(({ type }) => type === 'got')).toHaveLength(12)
})

test('an export into a file', () => {
  expect(forms((output) => reportExported(output, STUDIO, { file: '/a.jsonl', entries: 2 }))).toMatchSnapshot(
    'in a file',
  )
})
