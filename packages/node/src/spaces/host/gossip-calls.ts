/** Calls of gossip: what is told in a space, and under which names. The keys of epochs stay in this thread. */
import { fromHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { fitsGossip, type GossipMessage } from '../gossip/envelope.ts'
import { MAX_GOSSIP_EPOCHS, MAX_TOLD_OPERATIONS } from '../gossip/limits.ts'
import { spaceTopics, type SpaceTopics } from '../gossip/space-topics.ts'
import type { Space } from '../space.ts'
import type { HomeSpaces } from './home-spaces.ts'

/** Under a present key all newest ones are listened to; without one this device hears and tells nothing. */
export function topics(space: Space, _given: object, { clock }: HomeSpaces['seams']): SpaceTopics {
  const { present, others } = space.parts.keys.epochKeys(MAX_GOSSIP_EPOCHS - 1)
  const epochKeys = present === undefined ? [] : [present, ...others]
  return spaceTopics({ id: space.id, epochKeys }, clock.now())
}

/** These batches; without any named, the newest operations of the auth log, as far as they fit. */
export function frames(
  space: Space,
  { batches }: { readonly batches: readonly Hex[] | undefined },
): GossipMessage[] {
  if (batches !== undefined) {
    return batches.flatMap((id) => {
      const frame = space.batchFrame(fromHex(id))
      return frame === undefined ? [] : [{ kind: 'batch', frames: [frame] }]
    })
  }
  let told: Uint8Array[] = []
  for (const id of space.authIds().slice(-MAX_TOLD_OPERATIONS).toReversed()) {
    const more = [...space.authFrames([id]), ...told]
    if (!fitsGossip({ kind: 'auth', frames: more })) break
    told = more
  }
  return told.length === 0 ? [] : [{ kind: 'auth', frames: told }]
}
