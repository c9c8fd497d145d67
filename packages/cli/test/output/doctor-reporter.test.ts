import type { FindingEvent } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import type { Mode } from '../../src/output/mode.ts'
import { DoctorReporter } from '../../src/output/doctor-reporter.ts'
import { FINDING_TITLES } from '../../src/strings/network.ts'
import { fakeOutput, jsonLines, type FakeOutput } from '../support.ts'

const finding = (
  id: FindingEvent['id'],
  severity: FindingEvent['severity'],
  effect: string,
  remedy: string | null = null,
): FindingEvent => ({ type: 'finding', id, severity, effect, remedy, data: { free: 900_000_000 } })

const BAD: FindingEvent[] = [
  finding(
    'incoming',
    'warning',
    'others on the internet cannot connect to this device; it can still connect to those that let others in',
    'turn on UPnP in the router, or forward TCP 4001 to 192.168.1.20',
  ),
  finding(
    'disk',
    'problem',
    '900 MB left on the disk of /home/\u202eada: Shoal cannot keep anything when it is full',
    'free space, or use a folder on another disk: --home DIR',
  ),
]
const FINDINGS: FindingEvent[] = [
  ...Object.keys(FINDING_TITLES)
    .filter((id) => BAD.every((bad) => bad.id !== id))
    .map((id) => finding(id as FindingEvent['id'], 'ok', `${id} is well`)),
  ...BAD,
]

function report(output: FakeOutput, findings: readonly FindingEvent[]): void {
  const reporter = new DoctorReporter(output)
  reporter.start()
  for (const event of findings) reporter.event(event)
  reporter.done()
  reporter.close()
}

describe.each<[string, Mode, object]>([
  ['terminal', 'terminal', { isShared: true }],
  ['narrow terminal without Unicode', 'terminal', { isShared: true, columns: 44, isUnicode: false }],
  ['results go elsewhere', 'terminal', {}],
  ['plain', 'plain', {}],
  ['plain on a terminal', 'plain', { isShared: true }],
  ['quiet', 'quiet', {}],
])('%s', (_name, mode, init) => {
  test('what was found', () => {
    const output = fakeOutput(mode, init)
    report(output, FINDINGS)
    expect({ stdout: output.out.text, screen: output.screen.text }).toMatchSnapshot()
    expect(output.screen.widest).toBeLessThanOrEqual(mode === 'terminal' ? output.screen.columns : Infinity)
    expect(output.out.text).not.toContain('\u202e')
    expect(output.clock.waiting).toBe(0)
  })
})

test('as JSON each is a line as it came, and stderr stays empty', () => {
  const output = fakeOutput('json')
  report(output, FINDINGS)
  expect(jsonLines(output.out.text)).toEqual(FINDINGS)
  expect(output.screen.text).toBe('')
})

test('what is still looked at stands below, and goes', () => {
  const output = fakeOutput('terminal', { isShared: true })
  const reporter = new DoctorReporter(output)
  reporter.start()
  expect(output.screen.text).toMatch(/^Looking at Shoal, Runtime, /)
  for (const event of FINDINGS.slice(0, -1)) reporter.event(event)
  output.clock.advance(1_000)
  expect(output.screen.lines.at(-2)).toBe('Looking at Disk')
  for (const event of FINDINGS.slice(-1)) reporter.event(event)
  reporter.done()
  expect(output.screen.text).toMatch(
    /1 problem, 1 warning, 9 fine\. {3}For a report: {2}shoal doctor --json$/,
  )
  expect(output.screen.isCursorVisible).toBe(true)
})

test('stopped in the middle it leaves the terminal clean', () => {
  const output = fakeOutput('terminal', { isShared: true })
  const reporter = new DoctorReporter(output)
  reporter.start()
  reporter.event(finding('limits', 'ok', 'no limit of speed is set'))
  output.clock.advance(1_000)
  expect(output.screen.text).toContain('Looking at')
  reporter.close()
  expect(output.screen.text).toBe('✓ Limits      no limit of speed is set')
  expect(output.screen.isCursorVisible).toBe(true)
  expect(output.clock.waiting).toBe(0)
})

test('a finding that comes again, from another node, is told once', () => {
  const output = fakeOutput('json')
  report(output, [...FINDINGS, ...FINDINGS])
  expect(jsonLines(output.out.text)).toHaveLength(FINDINGS.length)
})

test('nothing wrong and nothing fine are not counted', () => {
  const output = fakeOutput('terminal', { isShared: true })
  report(output, [finding('limits', 'ok', 'x')])
  expect(output.out.text).toContain('1 fine.')
  const other = fakeOutput('terminal', { isShared: true })
  report(other, BAD.slice(0, 1))
  expect(other.out.text).toContain('1 warning.')
})
