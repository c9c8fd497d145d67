/** What `fetch --seed` says once the download is complete. */
import type { FetchEvent } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import { jsonFetch, plainFetch, quietFetch } from '../../src/output/fetch-reporters.ts'
import { TerminalFetch } from '../../src/output/terminal-fetch.ts'
import { fakeOutput, jsonLines } from '../support.ts'

const PATH = '/home/ada/in/Holiday'
const DONE: FetchEvent = {
  type: 'done',
  root: 'bafyrei',
  path: PATH,
  bytes: 48_000_000,
  seconds: 2,
  transferSeconds: 1,
  bytesFetched: 48_000_000,
  bytesReused: 0,
}

function served(bytes: number, peers: number): FetchEvent {
  return { type: 'served', root: 'bafyrei', bytes, peers }
}

describe.each([40, 80])('on a terminal of %d columns', (columns) => {
  test('a line says who takes it, and a last one what was sent', () => {
    const output = fakeOutput('terminal', { isShared: true, columns })
    const reporter = new TerminalFetch(output, true)
    reporter.start()
    reporter.event(DONE)
    output.clock.advance(1_000)
    expect(output.screen.text).toContain(`\n${PATH}\n`)
    expect(output.screen.text).toContain('nobody connected')
    reporter.event(served(0, 1))
    output.clock.advance(1_000)
    reporter.event(served(11_200_000, 2))
    output.clock.advance(1_000)
    expect(output.screen.text).toContain('2 devices connected')
    expect(output.screen.text).toMatchSnapshot()
    reporter.stopped()
    reporter.close()
    expect(output.screen.text).toMatch(/Stopped sharing Holiday\. Sent 11\.2 MB\.$/)
    expect(output.screen.text).not.toContain('connected')
    expect(output.screen.widest).toBeLessThanOrEqual(columns)
    expect(output.clock.waiting).toBe(0)
    expect(output.out.text).toBe(`${PATH}\n`)
  })
})

test('plain lines say it when somebody comes or goes, else seldom', () => {
  const output = fakeOutput('plain')
  const reporter = plainFetch(output, true)
  reporter.start()
  reporter.event(DONE)
  for (const event of [served(0, 1), served(1, 1), served(2, 1), served(3, 0)]) reporter.event(event)
  // Nothing is waited for any more.
  output.clock.advance(100_000)
  reporter.stopped()
  reporter.close()
  expect(output.screen.text.split('\n').slice(-5)).toEqual([
    'fetch Holiday: serving it to others under the same link',
    'fetch Holiday: sent 0 bytes, 1 device connected',
    'fetch Holiday: sent 1 bytes, 1 device connected',
    'fetch Holiday: sent 3 bytes, 0 devices connected',
    'fetch Holiday: stopped serving, sent 3 bytes',
  ])
  expect(output.out.text).toBe(`${PATH}\n`)
})

test('JSON has each event, and no warning that nothing comes', () => {
  const output = fakeOutput('json')
  const reporter = jsonFetch(output)
  reporter.start()
  reporter.event(DONE)
  reporter.event(served(5, 1))
  output.clock.advance(100_000)
  reporter.stopped()
  reporter.close()
  expect(jsonLines(output.out.text).map(({ type }) => type)).toEqual(['done', 'served'])
})

test('quiet says the path only', () => {
  const output = fakeOutput('quiet')
  const reporter = quietFetch(output)
  for (const event of [DONE, served(5, 1)]) reporter.event(event)
  reporter.stopped()
  expect([output.out.text, output.screen.text]).toEqual([`${PATH}\n`, ''])
})
