/**
 * What an operation of the auth log does. Keys, ids and digests are lower-case hex of 32 bytes: they are compared and
 * looked up far more often than they are written.
 */
import type { Role } from './roles.ts'

/** 64 lower-case hex digits. */
export type Hex = string

/** A role that an operation can give; founders are made by `genesis` and `founder` only. */
export type GivenRole = Exclude<Role, 'founder'>

/** A device that founds a space. */
export interface Founder {
  /** Ed25519, of this space only. */
  readonly key: Hex
  /** X25519, to which keys of epochs are sealed. */
  readonly sealing: Hex
}

/** The first operation; its id is the id of the space. */
export interface Genesis {
  readonly type: 'genesis'
  readonly name: string
  /** Random, so that two spaces of the same founders and name differ. */
  readonly nonce: Hex
  /** How the keys of epochs are agreed on; 1 is the only way so far. */
  readonly agreement: number
  /** In order of seniority; the author is one of them. */
  readonly founders: readonly Founder[]
}

/** A manager takes a device in, on an invite or without. Of a member it can only raise the role. */
export interface Admit {
  readonly type: 'admit'
  readonly member: Hex
  readonly role: GivenRole
  readonly sealing: Hex
  /** Id of the operation that made the invite (of mode `approval`), one use of which this is. */
  readonly invite: Hex | undefined
}

/** Gives a member another role, and takes what is above it. */
export interface SetRole {
  readonly type: 'role'
  readonly member: Hex
  readonly role: GivenRole
  /** As in `Remove`, for what the member may no longer do. */
  readonly after: readonly Hex[]
}

export interface Remove {
  readonly type: 'remove'
  readonly member: Hex
  /**
   * Heads of the data by this member that its remover knows, as ids of batches: those and what stands before them
   * still count, nothing else does. What counts of the member's operations is what this operation descends from.
   */
  readonly after: readonly Hex[]
}

export interface Leave {
  readonly type: 'leave'
  /** Heads of the author's own data. */
  readonly after: readonly Hex[]
}

export interface Invite {
  readonly type: 'invite'
  /** Public half of the key pair that the link carries. */
  readonly key: Hex
  readonly role: GivenRole
  readonly uses: number
  /** Milliseconds since 1970, 0 = never. A claim: who admits compares it with its clock, the resolver does not. */
  readonly expiresMs: number
  /** `instant`: whoever has the link is in by `redeem`; at most `write`. `approval`: a manager admits. */
  readonly mode: 'instant' | 'approval'
}

export interface Revoke {
  readonly type: 'revoke'
  readonly invite: Hex
}

/** A device takes itself in on an instant invite; it is the author. */
export interface Redeem {
  readonly type: 'redeem'
  readonly invite: Hex
  /** The invite's public key, so that the proof can be checked before the invite is there. */
  readonly key: Hex
  readonly nonce: Hex
  /** Signature by the invite key, hex of 64 bytes; see `redeemProofBytes`. */
  readonly proof: string
  readonly sealing: Hex
}

/** Announces the key of an epoch, or seals one that was announced to further devices. */
export interface KeyNotice {
  readonly type: 'epoch' | 'reseal'
  /** Opaque here: `spaces/keys/` writes and reads it, and says which epoch it is about. */
  readonly body: Uint8Array
}

/** A founder makes another device a founder. */
export interface NameFounder {
  readonly type: 'founder'
  readonly member: Hex
  readonly sealing: Hex
}

export interface Rename {
  readonly type: 'rename'
  readonly name: string
}

export type Action =
  | Genesis
  | Admit
  | SetRole
  | Remove
  | Leave
  | Invite
  | Revoke
  | Redeem
  | KeyNotice
  | NameFounder
  | Rename
