/** Bounds of what is told in a space by gossip. Whatever is beyond them still goes by synchronising. */
import { MAX_BATCH_BYTES } from '../catalogue/limits.ts'

/** Frames of one message. */
export const MAX_GOSSIP_FRAMES = 16
/** Bytes of all frames of one message together. */
export const MAX_GOSSIP_FRAME_BYTES: number = MAX_BATCH_BYTES
/** Bytes of one message before it is padded: its kind, the count of frames, and the length of each. */
export const MAX_GOSSIP_PLAIN_BYTES: number = 2 + 4 * MAX_GOSSIP_FRAMES + MAX_GOSSIP_FRAME_BYTES
/** Smallest padded message, in bytes: most operations are as large as each other then. */
export const MIN_GOSSIP_PLAIN_BYTES = 512
/** Messages that this device sends in one second over all spaces, after twice as many at once. Peers open 100 of one peer. */
export const GOSSIP_PER_SECOND = 40
/** Keys of one space under which messages are taken, that to send under included. */
export const MAX_GOSSIP_EPOCHS = 4
/** Longest wait until it is looked whether names have changed, in milliseconds: a clock may be set, and a machine sleep. */
export const MAX_NAME_WAIT_MS = 60_000
/** Shortest, in milliseconds: while new names are worked out, the former ones are still listened to. */
export const MIN_NAME_WAIT_MS = 1_000
/** Batches of one change that are told; of more, a session brings all. */
export const MAX_TOLD_BATCHES = 8
/** Newest operations of the auth log that are told when one is written: what makes others necessary comes with it. */
export const MAX_TOLD_OPERATIONS = 4
