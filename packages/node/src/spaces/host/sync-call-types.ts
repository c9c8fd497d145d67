/** What sessions with other devices ask of the thread that has the spaces, and what it answers. */
import type { Hex } from '../auth/action.ts'
import type { MetDevice } from '../storage/met-devices.ts'
import type { Ends, Nonces, SyncRole } from '../sync/proofs.ts'
import type { Standing, SyncLog, TakenFrames } from '../sync/space-side.ts'

interface Call<Given, Answer> {
  readonly given: Given
  readonly answer: Answer
}

type Of<Given> = Given & { readonly space: Hex }

/** What is said to a member, by its author key, or taken from it. */
type With<Given> = Of<Given> & { readonly author: Hex; readonly log: SyncLog }

export interface SyncMeant {
  readonly space: Hex
  /** 32 bytes. */
  readonly mac: Uint8Array
}

export interface SyncProof {
  /** Ed25519 public key, 32 bytes. */
  readonly author: Uint8Array
  /** 64 bytes. */
  readonly signature: Uint8Array
}

export type SyncIntroduced = Standing & {
  /** Ids of operations that what came stands after and that are not here. */
  readonly wanted: readonly Hex[]
}

export interface SyncRangesAnswer {
  /** Empty: nothing is left to be said. */
  readonly answer: Uint8Array
  /** Keys that the other side has and this one has not, in ascending order, one after the other. */
  readonly lacking: Uint8Array
  /** The reverse. */
  readonly surplus: Uint8Array
}

export interface SyncPage {
  readonly frames: readonly Uint8Array[]
  /** How many of the keys they stand for. */
  readonly used: number
}

export interface KnownDevice extends MetDevice {
  readonly isMember: boolean
}

export interface SyncNames {
  /** Provider keys, 32 bytes each: what is announced, and all that is answered to, that one first. */
  readonly accepted: readonly Uint8Array[]
  /** When they change next, in milliseconds since 1970. */
  readonly changesAtMs: number
}

export interface SyncCalls {
  syncGreet: Call<
    {
      readonly spaces: readonly Hex[]
      readonly ends: Ends
      readonly nonce: Uint8Array
      readonly isKnown: boolean
    },
    Uint8Array
  >
  syncRecognise: Call<
    { readonly ends: Ends; readonly nonces: Nonces; readonly tags: Uint8Array },
    SyncMeant | undefined
  >
  syncConfirm: Call<
    {
      readonly spaces: readonly Hex[]
      readonly ends: Ends
      readonly nonces: Nonces
      readonly isKnown: boolean
      readonly mac: Uint8Array
    },
    (SyncProof & { readonly space: Hex }) | undefined
  >
  syncProve: Call<Of<{ readonly role: SyncRole; readonly ends: Ends; readonly nonces: Nonces }>, SyncProof>
  syncJudge: Call<
    Of<SyncProof & { readonly role: SyncRole; readonly ends: Ends; readonly nonces: Nonces }>,
    Standing | undefined
  >
  syncStanding: Call<Of<{ readonly author: Hex }>, Standing>
  syncIntroduction: Call<Of<{ readonly ids: readonly Hex[] }>, Uint8Array[]>
  syncIntroduce: Call<Of<{ readonly author: Hex; readonly frames: readonly Uint8Array[] }>, SyncIntroduced>
  syncRanges: Call<With<{ readonly ranges: Uint8Array | undefined }>, SyncRangesAnswer>
  syncFrames: Call<With<{ readonly keys: Uint8Array; readonly mostBytes: number }>, SyncPage>
  /** Notes where a member was met. */
  syncMet: Call<Of<MetDevice>, void>
  /** Where members were met, the last one first, and whether they still are members. */
  syncKnown: Call<Of<object>, KnownDevice[]>
  /** Names by which devices of the space find each other; undefined while this one has no key. */
  syncNames: Call<Of<object>, SyncNames | undefined>
  syncTake: Call<With<{ readonly frames: readonly Uint8Array[] }>, TakenFrames>
}
