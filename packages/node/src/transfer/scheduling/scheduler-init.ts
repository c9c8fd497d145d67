/** What is to be fetched, in which order, where it goes, and who is told; and how that stands. */
import type { BlockSink } from '../../store/block-sink.ts'
import type { Seams } from '../../util/seams.ts'
import type { Allowance } from '../rates/allowance.ts'
import type { TransferLimits } from '../limits.ts'
import type { SwarmPeer } from './swarm-peer.ts'

export interface SchedulerInit {
  readonly sink: BlockSink
  /** Numbers of the blocks that are needed, ascending. */
  readonly needed: Iterable<number>
  /**
   * `given`: in their order, for who needs the first ones first, and taken from `needed` as late as possible. `rarest`:
   * those that the fewest peers have, so that all who fetch the same can give to each other.
   *
   * @defaultValue 'given'
   */
  readonly order?: 'given' | 'rarest'
  /** Number of blocks of the root, by the verified plan. @defaultValue it is not known */
  readonly total?: number
  readonly limits: TransferLimits
  readonly seams: Seams
  /**
   * Whether a block may be asked for yet, and then all before it; when more may, `askMore` is to be called. For the
   * order `given`.
   *
   * @defaultValue every one
   */
  readonly mayAsk?: (block: number) => boolean
  /** Bounds how fast is asked. @defaultValue nothing does */
  readonly allowance?: Allowance
  /** Told of each block that was verified and written: its number and its bytes as it travelled. */
  readonly onVerified?: (block: number, bytes: number) => void
  /** Told how many peers are asked, when that changes before the end. */
  readonly onPeers?: (connected: number) => void
  /** Told of a peer that sent a wrong block; its session has been ended. */
  readonly onLiar?: (peer: string) => void
}

/** Where a scheduler stands. What of its peers changes later shows in it. */
export interface SchedulerFacts {
  /** Something may be asked for, somebody is there, and nobody owes anything. */
  readonly isStuck: boolean
  readonly peers: readonly Pick<SwarmPeer, 'provider' | 'owedBlocks' | 'pausedUntilMs' | 'refusal'>[]
}
