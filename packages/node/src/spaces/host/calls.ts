/** What is asked of the thread that has the spaces, and what it answers. */
import type { GivenRole, Hex } from '../auth/action.ts'
import type { Role } from '../auth/roles.ts'
import type { InviteHints } from '../invites/invite-hints.ts'
import type { JoinFacts, JoinProof } from '../invites/join-proof.ts'
import type { AuthPage } from '../space.ts'
import type { AuthOutcome } from '../storage/auth-store.ts'
import type { Outcome } from '../storage/intake.ts'
import type {
  FoundEntry,
  SpaceChange,
  SpaceCheck,
  SpaceEvent,
  SpaceInvitation,
  SpaceInviteLink,
  SpaceMatches,
  SpaceMember,
  SpaceSummary,
} from './answers.ts'
import type { GossipMessage } from '../gossip/envelope.ts'
import type { SpaceTopics } from '../gossip/space-topics.ts'
import type { SyncCalls } from './sync-call-types.ts'

/** A file of a share that is put into a space. */
export interface AddedFile {
  /** In the space. */
  readonly path: string
  /** In the share; empty for a share that is a single file. */
  readonly inner: string
  readonly bytes: number
  readonly type: string
  readonly modifiedMs: number
}

/** What is needed to fetch an entry. */
export interface EntrySource {
  readonly path: string
  readonly bytes: number
  readonly root: string
  readonly inner: string
  /** Of a sealed share, 32 bytes. */
  readonly key: Uint8Array | undefined
}

/** What a device shows that wants to be let in. */
export interface JoinClaim extends JoinProof {
  readonly author: Uint8Array
  readonly sealing: Uint8Array
}

/** An invitation of a space that is here. */
export interface FoundInvite {
  readonly space: Hex
  /** Public half of its key, 32 bytes. */
  readonly key: Uint8Array
}

/** What came from a device that says it was invited. */
export interface AskedJoin {
  /** Public half of the key of the invitation. */
  readonly key: Uint8Array
  readonly facts: JoinFacts
  readonly proof: JoinProof
}

/** What is known here of a device that was invited. */
export interface JoinVerdict {
  /** Id of the invitation. */
  readonly invite: Hex
  readonly role: GivenRole
  /** It is a member already. */
  readonly isMember: boolean
  /** It needs nobody's approval. */
  readonly isInstant: boolean
  /** Why it cannot be let in here. */
  readonly problem: 'over' | 'expired' | 'cannot' | undefined
  /** Keys of this device. */
  readonly author: Uint8Array
  readonly sealing: Uint8Array
}

interface Call<Given, Answer> {
  readonly given: Given
  readonly answer: Answer
}

type Of<Given> = Given & { readonly space: Hex }

/** Calls by their names. */
export interface SpaceCalls extends SyncCalls {
  list: Call<object, SpaceSummary[]>
  found: Call<{ readonly name: string }, SpaceSummary>
  /** The space that an id, the beginning of one or a name means. */
  resolve: Call<{ readonly ref: string }, SpaceSummary>
  /** The space of an id; undefined when it is not here, or nothing of it is but its id. */
  summary: Call<Of<object>, SpaceSummary | undefined>
  /** Begins to keep a space of which only the id is known. False: it was kept already. */
  keep: Call<Of<object>, boolean>
  /** Keeps a space no longer in which this device never was. */
  discard: Call<Of<object>, void>
  close: Call<object, void>

  entries: Call<
    Of<{ readonly under: string; readonly after: string | undefined }>,
    { readonly entries: readonly FoundEntry[]; readonly next: string | undefined }
  >
  search: Call<
    Of<{ readonly query: string; readonly under: string; readonly limit: number }>,
    SpaceMatches<FoundEntry>
  >
  sources: Call<Of<{ readonly paths: readonly string[] }>, EntrySource[]>
  history: Call<Of<{ readonly path: string | undefined; readonly limit: number }>, SpaceEvent[]>
  check: Call<Of<object>, SpaceCheck>
  /** Roots of everything that is in any space; `isWhole` unless there is one that cannot be opened. */
  roots: Call<object, { readonly roots: string[]; readonly isWhole: boolean }>

  mayWrite: Call<Of<object>, void>
  add: Call<
    Of<{
      readonly root: string
      readonly key: Uint8Array | undefined
      readonly tags: readonly string[]
      readonly files: readonly AddedFile[]
    }>,
    SpaceChange
  >
  move: Call<Of<{ readonly from: string; readonly to: string }>, SpaceChange>
  remove: Call<Of<{ readonly paths: readonly string[] }>, SpaceChange>
  restore: Call<Of<{ readonly paths: readonly string[] }>, SpaceChange>
  tag: Call<Of<{ readonly paths: readonly string[]; readonly tags: readonly string[] }>, SpaceChange>
  untag: Call<Of<{ readonly paths: readonly string[]; readonly tags: readonly string[] }>, SpaceChange>
  note: Call<Of<{ readonly path: string; readonly text: string }>, SpaceChange>
  title: Call<Of<{ readonly path: string; readonly text: string }>, SpaceChange>
  undo: Call<Of<{ readonly batch: Hex | undefined }>, SpaceChange>

  members: Call<Of<object>, SpaceMember[]>
  setRole: Call<Of<{ readonly member: string; readonly role: Role }>, void>
  removeMember: Call<Of<{ readonly member: string }>, void>
  leave: Call<Of<object>, void>
  invite: Call<
    Of<{
      readonly role: GivenRole
      readonly uses: number
      readonly forMs: number
      readonly instant: boolean
      readonly whereFound: Pick<InviteHints, 'peerId' | 'addresses'>
    }>,
    SpaceInviteLink
  >
  invitations: Call<Of<object>, SpaceInvitation[]>
  revokeInvite: Call<Of<{ readonly id: string }>, void>
  redeem: Call<Of<{ readonly link: string }>, void>

  /** What this device says to who may let it in; the space need not be here. */
  proveJoin: Call<
    { readonly link: string; readonly nonce: Uint8Array; readonly joiner: string; readonly admitter: string },
    JoinClaim
  >
  /** The invitation that is found by a key (`findKey`), in whatever space. */
  inviteBehind: Call<{ readonly find: Uint8Array }, FoundInvite | undefined>
  /** What is to be done with a device that says it was invited. Undefined: it was not. */
  judgeJoin: Call<Of<AskedJoin>, JoinVerdict | undefined>
  /** Lets it in. */
  approve: Call<Of<AskedJoin>, void>

  /** Under which names and keys is told what is new; no keys of epochs. */
  gossipTopics: Call<Of<object>, SpaceTopics>
  /** What is told of these batches; undefined: of what was written into the auth log last. */
  gossipFrames: Call<Of<{ readonly batches: readonly Hex[] | undefined }>, GossipMessage[]>

  /** What devices hand each other. */
  authPage: Call<Of<{ readonly from: number }>, AuthPage>
  authFrames: Call<Of<{ readonly ids: readonly Hex[] | undefined }>, Uint8Array[]>
  takeAuth: Call<Of<{ readonly frames: readonly Uint8Array[] }>, AuthOutcome[]>
  batchFrame: Call<Of<{ readonly id: Hex }>, Uint8Array | undefined>
  takeBatches: Call<Of<{ readonly frames: readonly Uint8Array[] }>, Outcome[]>
}

export type CallName = keyof SpaceCalls

export type SpaceCall = {
  [Name in CallName]: { readonly name: Name; readonly given: SpaceCalls[Name]['given'] }
}[CallName]

/** What writes into the catalogue of a space, and answers which batches. */
export const WRITES: ReadonlySet<CallName> = new Set<CallName>([
  'add',
  'move',
  'remove',
  'restore',
  'tag',
  'untag',
  'note',
  'title',
  'undo',
])

/** What may change what is in a space, who is, or who may come. */
export const CHANGES: ReadonlySet<CallName> = new Set<CallName>([
  ...WRITES,
  'keep',
  'discard',
  'setRole',
  'removeMember',
  'leave',
  'invite',
  'revokeInvite',
  'redeem',
  'approve',
  'takeAuth',
  'takeBatches',
  'syncIntroduce',
  'syncTake',
])
