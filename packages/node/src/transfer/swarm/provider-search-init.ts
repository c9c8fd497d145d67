/** What a search for providers is made of. */
import type { Link } from '../../content/link.ts'
import type { FoundBy } from '../../events.ts'
import type { Barred } from '../../network/barred-peers.ts'
import type { Seams } from '../../util/seams.ts'
import type { Lacking } from './lacking.ts'
import type { LeadSource } from './lead.ts'
import type { TransferLimits } from '../limits.ts'
import type { TransferCounts } from '../transfer-counts.ts'
import type { HeardPeers } from './peer-exchange.ts'
import type { PeerRecords } from './peer-record.ts'
import type { Session } from '../wire/session.ts'
import type { SourceReport } from './source-report.ts'

export interface ProviderSearchInit {
  readonly link: Link
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly counts?: TransferCounts | undefined
  /** Where providers are heard of at this moment. */
  readonly sources: () => readonly LeadSource[]
  /** How long without a provider that gives anything before giving up, in milliseconds. 0 = for ever. */
  readonly waitMs: number
  readonly signal: AbortSignal
  /** Sessions at once. @defaultValue SWARM_LIMITS.maxSessions */
  readonly maxSessions?: number
  /** Peers that failed. @defaultValue remembered for this search alone */
  readonly records?: PeerRecords
  /** Peers that lied. @defaultValue left alone by this search alone, for a while */
  readonly barred?: Barred
  /** Devices that peers of this root tell each other of. */
  readonly heard?: HeardPeers
  /** Calls back with each session for the root that a peer opens, until what it returns is called. */
  readonly incoming?: (callback: (session: Session) => void) => () => void
  readonly onConnected?: (peer: string, source: FoundBy) => void
  /** Told of each session that this search opened, before anything is asked in it. */
  readonly onSession?: (session: Session) => void
  /** Takes over a session when the search is over, if the peer still needs it. */
  readonly keep?: (session: Session) => boolean
  /** What is still to come, for the message when nobody has it. */
  readonly lacking?: () => Lacking | undefined
  /** Told that nobody is connected, what is asked for somebody, and which device left last. */
  readonly onAsking?: (sources: readonly FoundBy[], lastSeen: string | undefined) => void
  /** Told what other device proved that it has it. */
  readonly onMet?: (peer: string) => void
  /** Told who said that it does not have it. */
  readonly onDeclined?: (peer: string) => void
  /** Told what came of each question to the sources. */
  readonly onReport?: (report: SourceReport) => void
}
