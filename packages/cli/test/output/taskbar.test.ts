import { ShoalError, type ContentEvent, type FetchEvent } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { Interrupted, failureOf, printFailure } from '../../src/failure.ts'
import { ContentReporter } from '../../src/output/content-reporter.ts'
import { hasTaskbar } from '../../src/output/taskbar.ts'
import { TerminalFetch } from '../../src/output/terminal-fetch.ts'
import { TerminalShare } from '../../src/output/terminal-share.ts'
import { VerifyReporter } from '../../src/output/verify-reporter.ts'
import { fakeOutput } from '../support.ts'

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ WT_SESSION: 'x' }, true],
  [{ WT_SESSION: 'x', TMUX: '/tmp/x' }, false],
  [{ WT_SESSION: 'x', STY: '1' }, false],
  [{ ConEmuANSI: 'ON' }, true],
  [{ ConEmuANSI: 'OFF' }, false],
  [{ TERM_PROGRAM: 'ghostty' }, true],
  [{ TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.6.6' }, true],
  [{ TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.10' }, true],
  [{ TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.5.20' }, false],
  [{ TERM_PROGRAM: 'Apple_Terminal' }, false],
  [{ VTE_VERSION: '7903' }, true],
  [{ VTE_VERSION: '7600' }, false],
])('a terminal that says %j shows progress: %s', (env, expected) => {
  expect(hasTaskbar(env)).toBe(expected)
})

const PLAN: FetchEvent = {
  type: 'plan',
  root: 'r',
  name: 'Holiday',
  bytes: 100,
  files: 1,
  source: 'link',
  connectedSeconds: 0,
}
const progress = (bytes: number): FetchEvent => {
  return { type: 'progress', root: 'r', bytes, total: 100, rate: 1, peers: 1 }
}

test('a download tells how far it is, that it waits, and takes it away', () => {
  const output = fakeOutput('terminal', { hasTaskbar: true })
  const reporter = new TerminalFetch(output)
  reporter.start()
  reporter.event(PLAN)
  output.clock.advance(1_000)
  for (const bytes of [10, 20, 60]) {
    reporter.event(progress(bytes))
    output.clock.advance(1_500)
  }
  output.clock.advance(10_000)
  reporter.close()
  expect(output.screen.commands).toEqual([
    '9;4;1;0',
    '9;4;1;10',
    '9;4;1;20',
    '9;4;1;60',
    '9;4;4;60',
    '9;4;0;0',
  ])
  reporter.close()
  expect(output.screen.commands).toHaveLength(6)
})

test('a command that fails says so, and takes it away; one that was stopped does not', () => {
  const output = fakeOutput('terminal', { hasTaskbar: true })
  printFailure(output, failureOf(new ShoalError('ERR_NO_PROVIDER', 'nobody')))
  expect(output.screen.commands).toEqual(['9;4;2;100', '9;4;0;0'])
  const stopped = fakeOutput('terminal', { hasTaskbar: true })
  printFailure(stopped, failureOf(new Interrupted()))
  const plain = fakeOutput('plain', { hasTaskbar: true })
  const json = fakeOutput('json', { hasTaskbar: true })
  for (const other of [plain, json]) printFailure(other, failureOf(new Error('x')))
  for (const { screen } of [stopped, plain, json]) expect(screen.commands).toEqual([])
})

test('so do sharing, comparing and reading', () => {
  const content: ContentEvent = { type: 'content', root: 'r', path: 'a', size: 100, from: 0, bytes: 100 }
  const runs = [
    (output: ReturnType<typeof fakeOutput>) => {
      const share = new TerminalShare(output, 'x')
      share.start()
      share.event({ type: 'hashing', bytes: 50, total: 100 })
      output.clock.advance(1_000)
      share.close()
    },
    (output: ReturnType<typeof fakeOutput>) => {
      const verify = new VerifyReporter(output, 'x')
      verify.start()
      verify.event({ type: 'hashing', bytes: 50, total: 100 })
      verify.close()
    },
    (output: ReturnType<typeof fakeOutput>) => {
      const read = new ContentReporter(output, 'cat')
      read.start()
      read.begin(content)
      read.moved(50)
      output.clock.advance(1_000)
      read.close()
    },
  ]
  for (const run of runs) {
    const output = fakeOutput('terminal', { hasTaskbar: true })
    run(output)
    expect(output.screen.commands.at(-2)).toBe('9;4;1;50')
    expect(output.screen.commands.at(-1)).toBe('9;4;0;0')
    const silent = fakeOutput('terminal')
    run(silent)
    expect(silent.screen.commands).toEqual([])
  }
})
