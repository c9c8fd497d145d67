import type { ConfigAnswer } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import { reportChanged, reportSettings, reportValue } from '../../src/output/config-reporter.ts'
import type { Mode } from '../../src/output/mode.ts'
import { fakeOutput, jsonLines } from '../support.ts'

const ANSWER: ConfigAnswer = {
  settings: [
    { type: 'config', key: 'network', value: 'private', default: false },
    { type: 'config', key: 'listen', value: ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'], default: true },
    { type: 'config', key: 'peer', value: [], default: true },
    { type: 'config', key: 'mdns', value: true, default: false },
    { type: 'config', key: 'up', value: 2_500_000, default: false },
    { type: 'config', key: 'down', value: 0, default: true },
    {
      type: 'config',
      key: 'schedule',
      value: ['mon-fri 08:00-18:00 down=1MB', 'sat 22:00-06:00 pause'],
      default: false,
    },
    { type: 'config', key: 'metered', value: 'auto', default: true },
  ],
  warnings: [{ type: 'warning', code: 'WARN_CONFIG_UNKNOWN', message: '/h/config.json keeps colour\u202e' }],
}
/** Of a node that runs. */
const CHANGED: ConfigAnswer = {
  ...ANSWER,
  settings: ANSWER.settings.map((setting) => ({ ...setting, restart: setting.key !== 'up' })),
}
const FORMS = [
  ['terminal', true],
  ['plain', false],
  ['quiet', false],
  ['json', false],
] as const satisfies readonly (readonly [Mode, boolean])[]

describe.each(FORMS)('%s', (mode, isShared) => {
  test.each([
    ['all settings', reportSettings, ANSWER],
    ['what was changed where nothing runs', reportChanged, ANSWER],
    ['what was changed where a node runs', reportChanged, CHANGED],
  ] as const)('%s', (_what, report, answer) => {
    const output = fakeOutput(mode, { isShared })
    report(output, answer)
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
  })

  test('one value, as a script takes it', () => {
    const output = fakeOutput(mode, { isShared })
    for (const { key } of ANSWER.settings) reportValue(output, ANSWER, key)
    const told = ['private', '/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0', 'on', '2500000', '0']
    told.push('mon-fri 08:00-18:00 down=1MB', 'sat 22:00-06:00 pause', 'auto')
    if (mode === 'json') expect(jsonLines(output.out.text)).toEqual(ANSWER.settings)
    else expect(output.out.text).toBe(`${told.join('\n')}\n`)
  })
})

test('a setting of a newer Shoal, which may run, is told as it is', () => {
  const output = fakeOutput('terminal', { isShared: true })
  reportSettings(output, {
    settings: [{ type: 'config', key: 'colour', value: ['deep', 'red'], default: false }],
    warnings: [],
  })
  expect(output.out.text).toBe('colour  deep\n        red\n')
})
