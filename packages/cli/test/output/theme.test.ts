import { PassThrough } from 'node:stream'
import { WriteStream } from 'node:tty'
import { afterEach, expect, test, vi } from 'vitest'
import { chooseMode } from '../../src/output/mode.ts'
import { isUnicodeSafe, themeFor } from '../../src/output/theme.ts'

afterEach(() => vi.unstubAllEnvs())

function stream(isTTY: boolean): NodeJS.WritableStream {
  const terminal = Object.create(WriteStream.prototype) as WriteStream
  return Object.assign(new PassThrough(), { isTTY, getColorDepth: () => terminal.getColorDepth() })
}

function isColoured(isTTY: boolean, env: Record<string, string | undefined>): boolean {
  vi.stubEnv('TERM', env['TERM'] ?? 'xterm-256color')
  // Services that run tests set CI, which decides as well.
  const names = [
    'NO_COLOR',
    'FORCE_COLOR',
    'NODE_DISABLE_COLORS',
    'CI',
    'TMUX',
    'COLORTERM',
    'TEAMCITY_VERSION',
    'TF_BUILD',
  ]
  for (const name of names) vi.stubEnv(name, env[name])
  return themeFor(stream(isTTY), true).paint('green', 'x') !== 'x'
}

test('colour is for terminals, unless the environment says otherwise', () => {
  expect(isColoured(true, {})).toBe(true)
  expect(isColoured(false, {})).toBe(false)
  expect(isColoured(true, { NO_COLOR: '1' })).toBe(false)
  expect(isColoured(true, { TERM: 'dumb' })).toBe(false)
  expect(isColoured(false, { FORCE_COLOR: '1' })).toBe(true)
})

test.each([
  [{ LANG: 'en_GB.UTF-8' }, 'linux', true],
  [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, 'linux', false],
  [{ LC_ALL: '', LC_CTYPE: 'C.utf8' }, 'linux', true],
  [{}, 'linux', false],
  [{}, 'darwin', true],
  [{ LANG: 'C.UTF-8', TERM: 'linux' }, 'linux', false],
  [{}, 'win32', false],
  [{ WT_SESSION: 'x' }, 'win32', true],
] as const)('%j on %s: signs beyond ASCII %s', (env, platform, isSafe) => {
  expect(isUnicodeSafe(env, platform)).toBe(isSafe)
})

test.each([
  [{ json: true, quiet: true }, true, {}, 'json'],
  [{ json: false, quiet: true }, true, {}, 'quiet'],
  [{ json: false, quiet: false }, true, {}, 'terminal'],
  [{ json: false, quiet: false }, false, {}, 'plain'],
  [{ json: false, quiet: false }, true, { TERM: 'dumb' }, 'plain'],
  [{ json: false, quiet: false }, true, { ACCESSIBLE: '1' }, 'plain'],
  [{ json: false, quiet: false }, true, { ACCESSIBLE: '0' }, 'terminal'],
] as const)('%j, terminal %s, %j: %s', (flags, isTerminal, env, mode) => {
  expect(chooseMode(flags, isTerminal, env)).toBe(mode)
})
