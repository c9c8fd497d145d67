import { expect, test } from 'vitest'
import { CONFIG_KEYS } from '../../../src/control/config/keys.ts'
import {
  MAX_ENTRY_CHARACTERS,
  MAX_SCHEDULE_ENTRIES,
  parseSchedule,
} from '../../../src/util/schedule/schedule-text.ts'

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]

test.each<[string, object]>([
  [
    'mon-fri 08:00-18:00 down=1MB up=500kB',
    { days: [1, 2, 3, 4, 5], from: 480, to: 1_080, down: 1_000_000, up: 500_000, pause: false },
  ],
  ['sat,sun 00:00-24:00 pause', { days: [0, 6], from: 0, to: 1_440, pause: true }],
  ['  daily   22:30-6:00  up=0 ', { days: EVERY_DAY, from: 1_350, to: 360, up: 0, pause: false }],
  ['fri-mon 9:05-09:06 pause down=1', { days: [0, 1, 5, 6], from: 545, to: 546, down: 1, pause: true }],
  ['mon,mon-tue,wed 00:00-00:00 pause', { days: [1, 2, 3], from: 0, to: 1_440, pause: true }],
  ['mon-sun 12:00-12:00 pause', { days: EVERY_DAY, from: 720, to: 720, pause: true }],
])('%s', (text, entry) => {
  expect(parseSchedule([text])).toEqual([entry])
})

test.each<[string, string]>([
  ['', 'is no day'],
  ['08:00-18:00 pause', '"08:00-18:00" is no day'],
  ['Mon 08:00-18:00 pause', '"Mon" is no day'],
  ['mon-tue-wed 08:00-18:00 pause', '"mon-tue-wed" is no day'],
  ['mon, tue 08:00-18:00 pause', 'is no day'],
  ['mon pause', '"pause" is no time'],
  ['mon 8-18 pause', '"8-18" is no time'],
  ['mon 08:60-18:00 pause', 'is no time'],
  ['mon 08:00-24:01 pause', 'is no time'],
  ['mon 24:00-06:00 pause', 'is no time'],
  ['mon 08:00-18:00', 'neither up=RATE nor down=RATE nor pause'],
  ['mon 08:00-18:00 down', '"down" has no rate'],
  ['mon 08:00-18:00 down=fast', '"down=fast" has no rate'],
  ['mon 08:00-18:00 down=1=2', 'has no rate'],
  ['mon 08:00-18:00 stop', '"stop" is none of'],
  ['mon 08:00-18:00 up=1 up=2', '"up" twice'],
  ['mon 08:00-18:00 pause pause', '"pause" twice'],
  ['mon 08:00-18:00 \u202e', String.raw`\u{202e}`],
  [`mon 08:00-18:00 ${'x'.repeat(MAX_ENTRY_CHARACTERS)}`, 'more than 128 characters'],
])('%j is refused, and it is said what is wrong', (text, told) => {
  expect(() => parseSchedule(['daily 00:00-24:00 pause', text])).toThrow(
    expect.objectContaining({
      code: 'ERR_OPTIONS_INVALID',
      message: expect.stringContaining(told),
      hint: expect.stringContaining('mon-fri 08:00-18:00'),
    }),
  )
})

test('so many entries and no more', () => {
  const entries = Array.from({ length: MAX_SCHEDULE_ENTRIES }, () => 'mon 08:00-18:00 pause')
  expect(parseSchedule(entries)).toHaveLength(MAX_SCHEDULE_ENTRIES)
  expect(() => parseSchedule([...entries, 'mon 08:00-18:00 pause'])).toThrow('at most 64 entries')
})

test('without one nothing is scheduled', () => {
  expect(parseSchedule([])).toEqual([])
  expect(CONFIG_KEYS.schedule.unset({})).toEqual([])
})
