import { describe, expect, test } from 'vitest'
import { openLogs } from '../../../src/control/observe/json-logs.ts'
import {
  MAX_FIELD_CHARS,
  MAX_LINES_PER_SECOND,
  MAX_LIST_TEXTS,
} from '../../../src/control/observe/line-budget.ts'
import type { LogOptions } from '../../../src/options.ts'
import { faultFields, noLogs, type Logs } from '../../../src/util/log.ts'

interface Line {
  readonly module: string
  readonly level: string
  readonly time: string
  readonly msg: string
  readonly [fact: string]: unknown
}

async function logging(
  options: Omit<LogOptions, 'write'> = {},
): Promise<{ logs: Logs; lines: () => Line[]; clock: { nowMs: number } }> {
  const texts: string[] = []
  const clock = { nowMs: 0 }
  const time = { now: () => clock.nowMs, monotonic: () => clock.nowMs }
  const logs = await openLogs({ ...options, write: (line) => void texts.push(line) }, time)
  const lines = (): Line[] => {
    expect(texts.every((text) => text.endsWith('}\n'))).toBe(true)
    return texts.map((text) => JSON.parse(text) as Line)
  }
  return { logs, lines, clock }
}

test('a line is JSON with time, level, module, message and facts', async () => {
  const { logs, lines } = await logging()
  logs.of('fetch').info('fetch done', { root: 'r', seconds: 1.5, absent: undefined })
  expect(lines()).toEqual([
    {
      level: 'info',
      time: '1970-01-01T00:00:00.000Z',
      module: 'fetch',
      root: 'r',
      seconds: 1.5,
      msg: 'fetch done',
    },
  ])
})

test('each part has the level that it was given, and the others the one of all', async () => {
  const { logs, lines } = await logging({ level: 'warn', modules: { fetch: 'debug', gate: 'off' } })
  for (const module of ['fetch', 'gate', 'share'] as const) {
    const log = logs.of(module)
    log.debug('a')
    log.warn('b')
    log.error('c')
  }
  expect(lines().map(({ module, msg }) => `${module} ${msg}`)).toEqual([
    'fetch a',
    'fetch b',
    'fetch c',
    'share b',
    'share c',
  ])
  expect([logs.of('fetch').isDebugged, logs.of('share').isDebugged]).toEqual([true, false])
})

test('without options there is no log', async () => {
  const logs = await openLogs(undefined, { now: () => 0, monotonic: () => 0 })
  expect(logs).toBe(noLogs)
  logs.of('fetch').error('nobody hears it')
})

describe('nobody can fill the log', () => {
  test('of each part there are so many lines a second, and the rest is counted', async () => {
    const { logs, lines, clock } = await logging()
    for (let i = 0; i < MAX_LINES_PER_SECOND + 7; i++) logs.of('control').warn('request refused')
    logs.of('fetch').info('of another part')
    expect(lines()).toHaveLength(MAX_LINES_PER_SECOND + 1)
    clock.nowMs = 1_000
    logs.of('control').warn('request refused')
    expect(lines().slice(-2)).toMatchObject([
      { module: 'control', msg: 'lines left out', lines: 7 },
      { module: 'control', msg: 'request refused' },
    ])
  })

  test('what was left out last is told at the end', async () => {
    const { logs, lines } = await logging()
    for (let i = 0; i < MAX_LINES_PER_SECOND + 2; i++) logs.of('gate').warn('refused')
    logs.close()
    logs.close()
    expect(lines().slice(MAX_LINES_PER_SECOND)).toMatchObject([{ module: 'gate', lines: 2 }])
  })

  test('lines that are not wanted do not count', async () => {
    const { logs, lines } = await logging()
    for (let i = 0; i < MAX_LINES_PER_SECOND * 2; i++) logs.of('gate').debug('x')
    logs.of('gate').info('y')
    expect(lines().map(({ msg }) => msg)).toEqual(['y'])
  })

  test('texts and lists are cut', async () => {
    const { logs, lines } = await logging()
    const list = Array.from({ length: 100 }, () => 'a b '.repeat(1_000))
    logs.of('node').info('m '.repeat(5_000), { text: 'a b '.repeat(1_000), list })
    const [line] = lines() as [Line & { text: string; list: string[] }]
    expect([line.msg.length, line.text.length]).toEqual([MAX_FIELD_CHARS + 1, MAX_FIELD_CHARS + 1])
    expect(line.list).toHaveLength(MAX_LIST_TEXTS)
    expect(JSON.stringify(line).length).toBeLessThan(20_000)
  })

  test('a secret is not cut to a word that is too short to be found', async () => {
    const { logs, lines } = await logging()
    const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChoqM_'
    logs.of('node').info(`${'a '.repeat((MAX_FIELD_CHARS - 20) / 2)}${key}${'b'.repeat(100)}`)
    expect(JSON.stringify(lines())).not.toContain('AQID')
  })
})

test('what is a secret is taken out of whatever anybody says', async () => {
  const { logs, lines } = await logging({ level: 'debug' })
  const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChoqM_'
  const link = `shoal://bafyroot#${key}.oWFu`
  logs.of('libp2p').debug(`dial ${link}`, { link, list: [link, key], [key]: 1 })
  logs.of('fetch').error('failed', faultFields(new Error(`no ${link}`)))
  expect(lines()).toHaveLength(2)
  expect(JSON.stringify(lines())).not.toMatch(/AQID|oWFu/)
  expect(lines()[0]).toMatchObject({ link: 'shoal://bafyroot#[removed]' })
})

test('a log that cannot be written keeps nothing else from going on', async () => {
  const write = (): void => {
    throw new Error('the disk is full')
  }
  const logs = await openLogs({ write }, { now: () => 0, monotonic: () => 0 })
  expect(() => logs.of('node').error('something')).not.toThrow()
})
