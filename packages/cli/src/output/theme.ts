/** What a stream can show: colours as far as it takes them, signs as far as its character set goes. */
import { styleText } from 'node:util'

type Environment = Readonly<Record<string, string | undefined>>
type Style = Parameters<typeof styleText>[0]

export interface Theme {
  readonly paint: (style: Style, text: string) => string
  readonly ok: string
  readonly warn: string
  readonly fail: string
  readonly ellipsis: string
  readonly barFull: string
  readonly barEmpty: string
  /** Stands before a speed of sending; empty where there is no sign for it. */
  readonly up: string
  readonly hasColour: boolean
  /** Whether signs beyond ASCII may be used. */
  readonly isUnicode: boolean
}

const UNICODE = {
  ok: '✓',
  warn: '!',
  fail: '✗',
  ellipsis: '…',
  barFull: '█',
  barEmpty: '░',
  up: '↑',
} as const
const ASCII = {
  ok: 'ok',
  warn: '!',
  fail: 'x',
  ellipsis: '...',
  barFull: '#',
  barEmpty: '-',
  up: '',
} as const

/** @param stream decides, with NO_COLOR, FORCE_COLOR and TERM, whether colour is used */
export function themeFor(stream: NodeJS.WritableStream, isUnicode: boolean): Theme {
  const paint: Theme['paint'] = (style, text) => styleText(style, text, { stream })
  return { ...(isUnicode ? UNICODE : ASCII), paint, hasColour: paint('bold', 'x') !== 'x', isUnicode }
}

/** Whether the terminal can be trusted to show characters beyond ASCII. */
export function isUnicodeSafe(env: Environment, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') {
    return (
      env['WT_SESSION'] !== undefined || env['TERM_PROGRAM'] !== undefined || env['ConEmuTask'] !== undefined
    )
  }
  // The Linux console has 256 or 512 signs, bars not always among them.
  if (env['TERM'] === 'linux') return false
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  )
  return locale === undefined ? platform === 'darwin' : /utf-?8/i.test(locale)
}
