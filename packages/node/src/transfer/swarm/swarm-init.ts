/** What a swarm is made of, and how it stands. */
import type { CID } from 'multiformats/cid'
import type { FoundBy } from '../../events.ts'
import type { Barred } from '../../network/barred-peers.ts'
import type { Seams } from '../../util/seams.ts'
import type { Left, Unreachable } from './absent-peers.ts'
import type { LeadSource } from './lead.ts'
import type { TransferLimits } from '../limits.ts'
import type { TransferCounts } from '../transfer-counts.ts'
import type { PeerRecords } from './peer-record.ts'
import type { Redial } from './redials.ts'
import type { Session } from '../wire/session.ts'
import type { SwarmMember } from './swarm-member.ts'

export interface SwarmInit {
  readonly root: CID
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly counts?: TransferCounts | undefined
  readonly sources: () => readonly LeadSource[]
  readonly maxSessions: number
  readonly records?: PeerRecords | undefined
  readonly barred?: Barred | undefined
  readonly onMember: (member: SwarmMember) => void
  /** Told that nobody is connected, what is asked for somebody, and which device left last. */
  readonly onAsking?: ((sources: readonly FoundBy[], lastSeen: string | undefined) => void) | undefined
  /** Told of each session that is open, before anybody else attaches to it. */
  readonly onSession?: ((session: Session) => void) | undefined
  /** Takes over a session that is over for this fetch, if the peer still needs it. @defaultValue nobody does */
  readonly keep?: ((session: Session) => boolean) | undefined
  /** Told who said that it does not have the root. */
  readonly onDeclined?: ((peer: string) => void) | undefined
}

/** What a peer is to blame for, and since when, in monotonic milliseconds. */
export interface Fault {
  readonly error: Error
  readonly sinceMs: number
}

export interface SwarmFacts {
  readonly members: readonly SwarmMember[]
  /** Devices that are tried now. */
  readonly dialled: readonly Redial[]
  readonly unreachable: Unreachable
  /** Who left last, and who of those that had everything. */
  readonly last: Left | undefined
  readonly lastWhole: Left | undefined
}
