/**
 * What is left of the control part of a frame for the library, which remembers whatever it is given: ids of any length,
 * topics that this node is not in, times of years.
 */
import type { RPC } from '@libp2p/gossipsub/message'
import type { PubsubLimits } from './limits.ts'

export interface ControlRules {
  readonly limits: PubsubLimits
  /** Is this node in the topic? */
  readonly isOurs: (topic: string | undefined) => boolean
  /** Bytes of the message of this id, as far as it could be asked for. */
  readonly bytesOf: (id: Uint8Array) => number
}

/** Entries of a control part, which each cost their sender something. */
export function controlUnits(control: RPC.ControlMessage | undefined): number {
  if (control === undefined) return 0
  const { graft, prune, ihave, iwant, idontwant } = control
  return graft.length + prune.length + ihave.length + iwant.length + idontwant.length
}

export function cleanControl(control: RPC.ControlMessage, rules: ControlRules): RPC.ControlMessage {
  const { limits, isOurs } = rules
  const isId = (id: Uint8Array): boolean => id.byteLength === limits.idBytes
  let told = limits.maxEntries
  const ihave = control.ihave
    .filter(({ topicID }) => isOurs(topicID))
    .map(({ topicID, messageIDs }) => {
      const ids = messageIDs.filter(isId).slice(0, told)
      told -= ids.length
      return { topicID, messageIDs: ids }
    })
  return {
    ihave: ihave.filter(({ messageIDs }) => messageIDs.length > 0),
    iwant: wanted(control.iwant, rules),
    graft: control.graft.filter(({ topicID }) => isOurs(topicID)),
    prune: control.prune
      .filter(({ topicID }) => isOurs(topicID))
      .map(({ topicID, backoff = 0 }) => ({
        topicID,
        // In seconds.
        backoff: Math.min(backoff, limits.maxBackoffMs / 1_000),
        // Whom others name is not dialled for that.
        peers: [],
      })),
    idontwant: control.idontwant.map(({ messageIDs }) => ({ messageIDs: messageIDs.filter(isId) })),
  }
}

/** The library answers in one frame, however long. What is left out is still to be had by synchronising. */
function wanted(all: readonly RPC.ControlIWant[], { limits, bytesOf }: ControlRules): RPC.ControlIWant[] {
  const messageIDs: Uint8Array[] = []
  let left = limits.maxAnswerBytes
  for (const id of all.flatMap((one) => one.messageIDs)) {
    const bytes = id.byteLength === limits.idBytes ? bytesOf(id) : 0
    if (bytes === 0 || bytes > left) continue
    left -= bytes
    messageIDs.push(id)
  }
  return messageIDs.length === 0 ? [] : [{ messageIDs }]
}
