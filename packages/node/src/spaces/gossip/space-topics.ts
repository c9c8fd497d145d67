/** The topics of one space: names of each key that is taken, which change with time and with keys. */
import { spaceNames } from '../keys/names.ts'
import { gossipSeal, type GossipSeal } from './envelope.ts'
import { MAX_GOSSIP_EPOCHS } from './limits.ts'

export interface GossipSpace {
  /** 32 bytes. */
  readonly id: Uint8Array
  /** Keys of epochs under which messages are taken; the first is sent under. Of more than 4 the first count. */
  readonly epochKeys: readonly Uint8Array[]
}

export interface SpaceTopics {
  /** What is sent under; undefined without a key. */
  readonly current: string | undefined
  /** All that are listened to, and how what comes there is sealed. */
  readonly accepted: ReadonlyMap<string, GossipSeal>
  /** When one of these changes next, in milliseconds since 1970; Infinity without a key. */
  readonly changesAtMs: number
}

/** @param nowMs milliseconds since 1970 */
export function spaceTopics({ id, epochKeys }: GossipSpace, nowMs: number): SpaceTopics {
  const accepted = new Map<string, GossipSeal>()
  let current: string | undefined
  let changesAtMs = Infinity
  for (const key of epochKeys.slice(0, MAX_GOSSIP_EPOCHS)) {
    const names = spaceNames(key, nowMs)
    current ??= names.current.topic
    changesAtMs = Math.min(changesAtMs, names.changesAtMs)
    for (const { topic } of names.accepted) accepted.set(topic, gossipSeal(id, key, topic))
  }
  return { current, accepted, changesAtMs }
}
