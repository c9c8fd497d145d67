/** What is said when nobody gives what a link names: whom was asked, for how long, and what to do. */
import type { Link } from '../../content/link.ts'
import { ShoalError } from '../../errors.ts'
import { escapeForDisplay } from '../../util/display.ts'
import type { FoundBy } from '../../events.ts'
import type { Lacking } from './lacking.ts'
import type { BusyError } from '../wire/requester.ts'
import type { SourceReport, SourceTally } from './source-report.ts'

export interface SearchFacts {
  readonly link: Link
  readonly report: SourceReport
  readonly waitedMs: number
  /** The device that has it was busy to the last. */
  readonly busy: BusyError | undefined
  /** What nobody has of those who are connected. @defaultValue nobody is */
  readonly lacking?: Lacking | undefined
  /** Sources that could not ask anybody. */
  readonly unready: readonly FoundBy[]
}

const ASKED: Readonly<Record<FoundBy, string>> = {
  self: 'this device',
  link: 'the sender',
  peer: 'the devices that you named',
  seen: 'devices met before',
  lan: 'this local network',
  dht: 'the network',
  exchange: 'devices that others named',
}

const BARRED = 'sent wrong data before and is left alone for a day'

const SHOAL_ONLY =
  'Shoal asks devices that run Shoal, not the rest of the IPFS network. Ask the sender for a shoal:// link.'

export function notFound({ link, report, waitedMs, busy, lacking, unready }: SearchFacts): ShoalError {
  const { name } = link.hints
  const what = name === undefined ? 'this share' : `"${escapeForDisplay(name)}"`
  const seconds = Math.max(1, Math.round(waitedMs / 1_000))
  if (busy !== undefined) {
    return new ShoalError(
      'ERR_NO_PROVIDER',
      `the device that has ${what} was busy all the time; tried for ${seconds} s`,
      { cause: busy, hint: 'Run the command again later, or give it more time with --wait.' },
    )
  }
  if (lacking !== undefined) return incomplete(lacking, seconds)
  const { tallies } = report
  if (isGone(tallies)) {
    return new ShoalError('ERR_CONTENT_GONE', `the other device does not share ${what} any more`)
  }
  const asked = [...tallies].flatMap(([source, tally]) => {
    // Only who is connected can name others.
    if (source === 'exchange' && tally.heard === 0) return []
    const isCutOff = tally.heard === 0 && unready.includes(source)
    const said = report.isBarred(source) ? BARRED : outcome(source, tally)
    return [`${ASKED[source]} (${isCutOff ? 'not reached' : said})`]
  })
  const isForeign = link.hints.peerId === undefined && link.key === undefined && name === undefined
  return new ShoalError(
    'ERR_NO_PROVIDER',
    `nobody who has ${what} answers; asked for ${seconds} s: ${asked.join(', ')}`,
    isForeign ? { hint: SHOAL_ONLY } : {},
  )
}

function incomplete({ name, percentHere, file, hasOthers }: Lacking, seconds: number): ShoalError {
  const rest = file === undefined ? '' : `, "${escapeForDisplay(file)}"${hasOthers ? ' and other files' : ''}`
  return new ShoalError(
    'ERR_NO_PROVIDER',
    `${percentHere} % of "${escapeForDisplay(name)}" is here, and nobody who is connected has the rest${rest}; waited for ${seconds} s`,
    { hint: 'What came is kept. Run the command again when a device that has the rest is there.' },
  )
}

/** Who made the link answers that it has this no more, and nobody else has it. */
function isGone(tallies: ReadonlyMap<FoundBy, SourceTally>): boolean {
  const declined = (['link', 'self'] as const).some((source) => (tallies.get(source)?.declined ?? 0) > 0)
  return declined && [...tallies.values()].every(({ opened }) => opened === 0)
}

function outcome(source: FoundBy, { heard, declined, failed, opened }: SourceTally): string {
  if (opened > 0) return 'answered, then broke off'
  if (source === 'link' || source === 'peer') return declined > 0 ? 'do not have it' : 'no answer'
  if (heard === 0) return 'nobody has it'
  return declined >= failed ? 'they do not have it any more' : 'no answer'
}
