/**
 * Wire constants of `/shoal/transfer/1.0.0`. Bounds that a node may set for itself are in `limits.ts`.
 * Specification: docs/protocol/transfer.md.
 */

export const PROTOCOL = '/shoal/transfer/1.0.0'
export const VERSION = 1
/** Most bytes of a header. */
export const MAX_HEADER_BYTES = 65_536
/** Most bytes of a payload. */
export const MAX_PAYLOAD_BYTES = 1_048_576
/** Most block numbers in one `want`, `cancel` or `have`. */
export const MAX_NUMBERS = 4_096
/** Most CIDs in one `get`. */
export const MAX_CIDS = 64
/** Most peers in one `peers`. */
export const MAX_PEERS = 32
/** Most addresses of one peer in `peers`. */
export const MAX_ADDRESSES = 8
/** Most bytes of one binary multiaddr. */
export const MAX_ADDRESS_BYTES = 256
/** Most bytes of a binary peer id. */
export const MAX_PEER_ID_BYTES = 64
/** Highest block number plus one: 4,096 pages of 32,768 digests. */
export const MAX_BLOCKS = 134_217_728
/** Longest time that a `no` may ask to wait, in milliseconds. */
export const MAX_RETRY_MS = 600_000
/** Bytes of a nonce, a mac and a provider key digest. */
export const NONCE_BYTES = 32
/** Most bytes of a binary CID: version, codec, sha2-256. */
export const MAX_CID_BYTES = 36
