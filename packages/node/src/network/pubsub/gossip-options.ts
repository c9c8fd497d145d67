/** How gossipsub is set up, and why it is not as it comes. */
import { createHash } from 'node:crypto'
import { StrictNoSign, type GossipsubOpts } from '@libp2p/gossipsub'
import { PUBSUB_SCORES, type PubsubLimits } from './limits.ts'
import type { BoundedMessageCache } from './message-cache.ts'

export interface GossipOptionsInit {
  readonly limits: PubsubLimits
  readonly cache: BoundedMessageCache
  /** What a peer is worth, in points. */
  readonly worth: (peerId: string) => number
}

/** By what is in it: an honest copy has the same id wherever it comes from. */
export function messageId(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest()
}

/** In hex, as the cache and the library know it. */
export function idText(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')
}

export function gossipOptions({ limits, cache, worth }: GossipOptionsInit): Partial<GossipsubOpts> {
  return {
    // Who wrote something is told by what is sealed inside, and to members only.
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: ({ data }) => messageId(data),
    msgIdToStrFn: idText,
    fallbackToFloodsub: false,
    // Whoever says to be in the topic would get everything from everybody.
    floodPublish: false,
    // One copy of a message for all that it goes to.
    batchPublish: true,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    doPX: false,
    // The library's tags keep whoever asks to be sent something; members are kept by who proves them.
    tagMeshPeers: false,
    runOnLimitedConnection: false,
    seenTTL: limits.seenMs,
    messageCache: cache as unknown as NonNullable<GossipsubOpts['messageCache']>,
    maxInboundDataLength: limits.maxFrameBytes,
    maxOutboundBufferSize: limits.maxPeerWaitingBytes,
    idontwantMaxMessages: limits.maxEntries,
    opportunisticGraftTicks: limits.improveTicks,
    // It is told of our own topics only.
    maxTopicBytesPerPeer: limits.maxTopics * (limits.maxTopicChars + 1_024),
    decodeRpcLimits: {
      maxSubscriptions: limits.maxEntries,
      maxMessages: limits.maxEntries,
      maxControlMessages: limits.maxEntries,
      maxIhaveMessageIDs: limits.maxEntries,
      maxIwantMessageIDs: limits.maxEntries,
      maxIdontwantMessageIDs: limits.maxEntries,
      maxPeerInfos: limits.maxEntries,
    },
    scoreParams: {
      // Names change every day, and the library fails where the parameters of a name are taken away again.
      topics: {},
      appSpecificScore: worth,
      appSpecificWeight: 1,
      // Forty members behind one address are forty members.
      IPColocationFactorWeight: 0,
      // Broken promises and too early requests; a few of them happen to everybody who is slow.
      behaviourPenaltyWeight: -1,
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyDecay: 0.9,
      // It forgets what it retained as soon as the peer comes back; who is barred is remembered by ourselves.
      retainScore: 0,
    },
    scoreThresholds: {
      gossipThreshold: PUBSUB_SCORES.gossip,
      publishThreshold: PUBSUB_SCORES.publish,
      graylistThreshold: PUBSUB_SCORES.graylist,
      acceptPXThreshold: Number.POSITIVE_INFINITY,
      opportunisticGraftThreshold: PUBSUB_SCORES.opportunistic,
    },
  }
}
