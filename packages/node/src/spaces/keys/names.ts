/**
 * Names by which the devices of a space find each other: a gossip topic and a provider key of the DHT. They are derived
 * from an epoch key and change with every period, so that who has not got the key can link neither two spaces nor two days.
 *
 * Each space changes at its own time of day, which the key decides: if all changed at midnight, who watches one device
 * leave three topics and enter three others would know that they are the same three.
 */
import type { CID } from 'multiformats/cid'
import { cidOf, RAW } from '../../content/cid.ts'
import { derive } from './derive.ts'
import { NAME_OVERLAP_MS, NAME_PERIOD_MS } from './limits.ts'

const LABEL = 'shoal/space-name/1'
const TOPIC_PREFIX = '/shoal/space/1/'

export interface SpaceName {
  /** Gossip topic. */
  readonly topic: string
  /** Provider key of the DHT: CIDv1, raw, with derived bytes in place of a digest. */
  readonly provider: CID
}

export interface SpaceNames {
  /** What is published under and provided now. */
  readonly current: SpaceName
  /** All that is listened to and looked for now, the current one first; two around a change. */
  readonly accepted: readonly SpaceName[]
  /** When one of these changes next, in milliseconds since 1970. */
  readonly changesAtMs: number
}

/**
 * The names that an epoch key gives at a time. After a rotation the names of the former key are accepted for as long as the
 * auth log says; that is the caller's.
 *
 * @param nowMs milliseconds since 1970
 */
export function spaceNames(epochKey: Uint8Array, nowMs: number): SpaceNames {
  const offsetMs = Buffer.from(derive(epochKey, LABEL, 'offset')).readUInt32BE() % NAME_PERIOD_MS
  const period = Math.floor((nowMs + offsetMs) / NAME_PERIOD_MS)
  const startMs = period * NAME_PERIOD_MS - offsetMs
  const endMs = startMs + NAME_PERIOD_MS
  const isYoung = nowMs < startMs + NAME_OVERLAP_MS
  const isOld = nowMs >= endMs - NAME_OVERLAP_MS
  const current = nameOf(epochKey, period)
  const accepted = [current]
  if (isYoung) accepted.push(nameOf(epochKey, period - 1))
  if (isOld) accepted.push(nameOf(epochKey, period + 1))
  const changesAtMs = isYoung ? startMs + NAME_OVERLAP_MS : isOld ? endMs : endMs - NAME_OVERLAP_MS
  return { current, accepted, changesAtMs }
}

function nameOf(epochKey: Uint8Array, period: number): SpaceName {
  const topic = Buffer.from(derive(epochKey, LABEL, 'topic', period)).toString('base64url')
  return {
    topic: TOPIC_PREFIX + topic,
    provider: cidOf(RAW, derive(epochKey, LABEL, 'provide', period)),
  }
}
