/** Hosts on loopback that gossip with each other. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { onTestFinished } from 'vitest'
import type { Host } from '../../src/network/host.ts'
import type { Pubsub, PubsubVerdict, TopicRules } from '../../src/network/pubsub/pubsub.ts'
import { startLoneHost } from './host.ts'

export interface Gossiper {
  readonly host: Host
  readonly pubsub: Pubsub
  readonly peerId: string
}

/** A host that has no gossip yet. Ends with the test. */
export async function startSilent(): Promise<Host> {
  const { raw } = await generateKeyPair('Ed25519')
  const host = await startLoneHost({ privateKey: raw, onChannel: () => {} })
  onTestFinished(() => host.stop())
  return host
}

/** Ends with the test. */
export async function startGossiper(isMember: (peerId: string) => boolean = () => false): Promise<Gossiper> {
  const host = await startSilent()
  const pubsub = await host.pubsub(isMember)
  if (pubsub === undefined) throw new Error('a host of its own has gossip')
  return { host, pubsub, peerId: host.peerId }
}

/** Dials until it is answered: a machine that is busy with many nodes may take longer than a handshake is given. */
export async function connect(from: Host, to: Host): Promise<void> {
  for (let tries = 10; ; tries--) {
    try {
      const channel = await from.dial(to.addresses(), undefined, 'named')
      await channel.close()
      return
    } catch (error) {
      if (tries === 0) throw error
    }
  }
}

/** Rules that take what begins with 1, call 2 false and pass over 3, and tell what they were asked. */
export function plainRules(onMessage: (text: string, from: string) => void = () => {}): TopicRules<string> & {
  opened: number
  judged: number
} {
  const rules = {
    opened: 0,
    judged: 0,
    open: (data: Uint8Array): string | undefined => {
      rules.opened++
      const text = Buffer.from(data).toString()
      return /^[123]/.test(text) ? text : undefined
    },
    judge: async (text: string, from: string): Promise<PubsubVerdict> => {
      rules.judged++
      if (text.startsWith('2')) return 'reject'
      if (text.startsWith('3')) return 'ignore'
      onMessage(text, from)
      return 'accept'
    },
  }
  return rules
}
