/** What is refused before anybody is asked, so whether Shoal runs makes no difference. */
import { failing } from './failures.ts'
import type { Row } from './rows.ts'

const USAGE: readonly (readonly [command: string, code: string])[] = [
  ['ls nonsense', 'ERR_LINK_MALFORMED'],
  ['verify LINK talk.txt', 'ERR_USAGE'],
  ['id more', 'ERR_USAGE'],
  ['shares more', 'ERR_USAGE'],
  ['status more', 'ERR_USAGE'],
  ['peers more', 'ERR_USAGE'],
  ['doctor more', 'ERR_USAGE'],
  ['daemon dance', 'ERR_USAGE'],
  ['config get netwrok', 'ERR_USAGE'],
  ['unshare nonsense', 'ERR_LINK_MALFORMED'],
  ['completions tcsh', 'ERR_USAGE'],
  ['fetsch LINK', 'ERR_USAGE'],
  ['space dance', 'ERR_USAGE'],
]

/** A home that is a file. */
const HOMELESS = ['id', 'shares', 'daemon start', 'config list', 'unshare LINK', 'fetches', 'space list']

export const REFUSALS: readonly Row[] = [
  ...USAGE.map(([command, code]) => failing({ command, exit: 2, code, only: 'alone' })),
  ...HOMELESS.map((command) =>
    failing({ command: `${command} --home talk.txt`, exit: 5, code: 'ERR_HOME_INVALID', only: 'alone' }),
  ),
]
