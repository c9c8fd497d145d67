import { expect, test } from 'vitest'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import type { Allowance } from '../../../src/transfer/rates/allowance.ts'
import { Room } from '../../../src/transfer/scheduling/room.ts'
import { SwarmPeer, type BlockProvider } from '../../../src/transfer/scheduling/swarm-peer.ts'

const MIB = 1_048_576

function world(share = 1) {
  const owing: boolean[] = []
  const facts = { share }
  const allowance: Allowance = {
    tryTake: () => true,
    whenRoom: () => () => {},
    get share() {
      return facts.share
    },
    owes: (isOwing) => void owing.push(isOwing),
  }
  const room = new Room(TRANSFER_LIMITS, allowance, () => {})
  const peer = (): SwarmPeer => {
    const made = new SwarmPeer({} as BlockProvider, 0)
    made.isProven = true
    return made
  }
  /** Asks a peer for as many blocks as there is room for. */
  const fill = (one: SwarmPeer, size: number): number => {
    let blocks = 0
    for (
      let own = room.of(one, true, 0);
      one.owedBlocks < own.blocks && room.take(one, own, size);
      own = room.of(one, true, 0)
    ) {
      room.owe(one, size)
      blocks++
    }
    return blocks
  }
  return { room, owing, facts, peer, fill }
}

test('what goes behind owes a part of what it might, and at least one block', () => {
  const { windowBytes, windowBlocks } = TRANSFER_LIMITS
  expect(world().fill(world().peer(), MIB)).toBe(windowBytes / MIB)
  expect(world(0.25).fill(world().peer(), MIB)).toBe(windowBytes / MIB / 4)
  expect(world(0.25).fill(world().peer(), 1)).toBe(windowBlocks / 4)
  expect(world(0.001).fill(world().peer(), MIB)).toBe(1)
})

test('the same of all peers together', () => {
  const most = (share: number): number => {
    const { fill, peer } = world(share)
    return Array.from({ length: 20 }, () => fill(peer(), MIB)).reduce((sum, blocks) => sum + blocks, 0)
  }
  expect(most(1)).toBe(TRANSFER_LIMITS.swarmWindowBytes / MIB)
  expect(most(0.25)).toBe(TRANSFER_LIMITS.swarmWindowBytes / MIB / 4)
})

test('once nothing goes before it, all of it is free again', () => {
  const { fill, facts, peer } = world(0.25)
  const one = peer()
  fill(one, MIB)
  facts.share = 1
  expect(fill(one, MIB)).toBe((TRANSFER_LIMITS.windowBytes / MIB / 4) * 3)
})

test('whether something is owed is told when that changes, and no longer once it is over', () => {
  const { room, owing, peer } = world()
  const one = peer()
  room.owe(one, 1)
  room.owe(one, 1)
  room.settle(one, 1)
  room.settle(one, 1)
  expect(owing).toEqual([true, false])
  room.owe(one, 1)
  room.stop()
  // What was being written when it was over.
  room.settle(one, 1)
  room.stop()
  expect(owing).toEqual([true, false, true, false])
})
