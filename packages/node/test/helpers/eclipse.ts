/** A network in which the peers closest to one key all belong to one attacker. */
import type { PrivateKey } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import type { DhtInit } from '../../src/network/dht/dht.ts'
import { addressOf, startDhtNode, type DhtNode } from './dht-net.ts'
import { groundKeys, placeOf, startSybils, type Mischief } from './sybils.ts'

export interface EclipseOptions {
  readonly digest: Uint8Array
  readonly honest: number
  readonly sybils: number
  /** How many /24 the sybils have; honest nodes have one each. */
  readonly subnets: number
  /** Leading bits that the id of each sybil shares with the key and no honest one does. */
  readonly bits: number
  readonly mischief: Mischief
  readonly init: Partial<DhtInit>
}

export interface Eclipse {
  readonly honest: readonly DhtNode[]
  /** A node more, that joined by some honest ones. */
  readonly join: (init?: Partial<DhtInit>) => Promise<DhtNode>
  readonly stop: () => Promise<void>
}

/** Honest nodes a newcomer is told of. */
const BOOTSTRAPS = 3
/** Honest nodes that a sybil makes itself known to, beside those; the others hear of it. */
const SYBIL_DIALS = 8

export async function startEclipse(options: EclipseOptions): Promise<Eclipse> {
  const { digest, bits, mischief, subnets } = options
  const place = placeOf(digest)
  // On loopback, but as if it were the Internet.
  const init: Partial<DhtInit> = { isExempt: () => false, ...options.init }
  // Seconds in which nothing else runs.
  const keys: readonly PrivateKey[] = await groundKeys('sybil', place, bits, options.sybils)
  const honest: DhtNode[] = []
  const started: (() => Promise<void>)[] = []
  let newcomers = 0
  const dialSome = async (libp2p: Libp2p): Promise<void> => {
    for (const node of honest.slice(0, BOOTSTRAPS)) await dial(libp2p, node.libp2p)
  }
  for (const [i, privateKey] of (await groundKeys('honest', place, bits, options.honest, true)).entries()) {
    const node = await startDhtNode(init, { privateKey, host: `127.10.${i}.1` })
    started.push(node.stop)
    await dialSome(node.libp2p)
    honest.push(node)
  }
  const sybils = await startSybils(
    keys,
    subnets,
    mischief,
    honest.map(({ libp2p }) => libp2p),
  )
  started.push(...sybils.map((sybil) => async () => sybil.stop()))
  for (const [i, sybil] of sybils.entries()) {
    await dialSome(sybil)
    for (let j = 0; j < SYBIL_DIALS; j++) {
      await dial(sybil, (honest[(i * 7 + j * 3) % honest.length] as DhtNode).libp2p)
    }
  }
  return {
    honest,
    join: async (more = {}) => {
      const host = `127.20.${newcomers++}.1`
      const node = await startDhtNode({ ...init, mode: 'client', ...more }, { host })
      started.push(node.stop)
      await dialSome(node.libp2p)
      return node
    },
    stop: async () => {
      await Promise.all(started.map((stop) => stop()))
    },
  }
}

/** A machine that is too busy to answer in time is asked again. */
async function dial(from: Libp2p, to: Libp2p): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await from.dial(addressOf(to))
      return
    } catch (error) {
      if (tries === 10) throw error
    }
  }
}
