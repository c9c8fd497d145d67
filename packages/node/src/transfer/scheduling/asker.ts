/** Asks one peer for as much as there is room for: what is free, and what it takes over from slower ones. */
import type { BlockSink } from '../../store/block-sink.ts'
import type { BlockPicker } from './block-picker.ts'
import type { NeededBlocks } from './needed-blocks.ts'
import type { PeerRoom, Room } from './room.ts'
import { Stealing } from './stealing.ts'
import type { SwarmPeer } from './swarm-peer.ts'

export interface AskerInit {
  readonly peers: ReadonlySet<SwarmPeer>
  readonly picker: BlockPicker
  readonly needed: NeededBlocks
  readonly room: Room
  readonly sink: BlockSink
  /** Part of the blocks that came which may be expected to come twice, in per mille. */
  readonly duplicatesPerMille: number
}

export class Asker {
  readonly #init: AskerInit
  readonly #stealing: Stealing
  #verifiedBlocks = 0
  /** How many of the blocks that were taken over are expected to come twice. */
  #risked = 0

  constructor(init: AskerInit) {
    this.#init = init
    this.#stealing = new Stealing((block) => init.needed.peers(block))
  }

  /** A block is here: a part of one more may come twice. */
  verified(): void {
    this.#verifiedBlocks++
  }

  /** @param isTick time has passed, and not only a block come: who was fast enough may be slow by now */
  ask(peer: SwarmPeer, nowMs: number, isTick: boolean): void {
    if (nowMs < peer.pausedUntilMs || peer.provider.session.isEnded) return
    const { peers, picker, needed, room, sink } = this.#init
    const own = room.of(peer, peers.size === 1, nowMs)
    // Asking for several at once saves frames; a window that is half full keeps the peer busy meanwhile.
    if (peer.owedBytes > own.bytes / 2 || peer.owedBlocks > own.blocks / 2) return
    const blocks: number[] = []
    while (peer.owedBlocks < own.blocks && !room.isFull(1)) {
      const block = picker.take(peer)
      if (block === undefined) {
        this.#steal(peer, own, blocks, nowMs, isTick)
        break
      }
      const size = sink.sizeOf(block)
      if (!room.take(peer, own, size)) {
        picker.give(block, peer)
        break
      }
      needed.ask(peer, block, size, nowMs)
      blocks.push(block)
    }
    peer.provider.want(blocks)
  }

  /** Takes over from slower peers what is left when nothing else is. */
  #steal(thief: SwarmPeer, own: PeerRoom, blocks: number[], nowMs: number, isTick: boolean): void {
    const { peers, picker, needed, room, duplicatesPerMille } = this.#init
    const isEnd = !picker.hasAskable
    if (!isEnd && !isTick) return
    while (thief.owedBlocks < own.blocks) {
      const budget = Math.max(1, (this.#verifiedBlocks * duplicatesPerMille) / 1_000)
      const mostRisk = budget - this.#risked
      const theft = this.#stealing.choose(thief, peers, { nowMs, mostRisk, isEnd })
      if (theft === undefined) return
      // What is here and being verified is not asked for once more.
      if (needed.isBeingWritten(theft.block) || !room.take(thief, own, theft.size)) return
      this.#risked += theft.risk
      // At the end both are asked for what comes next, and who begins first is left to bring it.
      if (!isEnd || theft.victim.next?.block !== theft.block) needed.withdraw(theft.victim, [theft.block])
      needed.ask(thief, theft.block, theft.size, nowMs)
      blocks.push(theft.block)
    }
  }
}
