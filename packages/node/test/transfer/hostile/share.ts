/** What a hostile publisher offers, and the families in which the suite makes such shares. */
import type { CID } from 'multiformats/cid'
import type { Link } from '../../../src/content/link.ts'
import type { ShoalError } from '../../../src/errors.ts'
import type { Forge } from '../../helpers/forge.ts'
import type { Mutator } from '../../helpers/mutate.ts'

export interface HostileShare {
  readonly link: Link
  /** Nodes and pages by the text of their CID. */
  readonly nodes: ReadonlyMap<string, Uint8Array>
  /** By number. */
  readonly blocks: readonly Uint8Array[]
}

export interface Family {
  readonly name: string
  /** How many shares of it the suite makes. */
  readonly count: number
  /** The codes with which it may be refused. */
  readonly codes: readonly ShoalError['code'][]
  /** Altered at random: one that is accepted all the same, because nothing that counts was hit, does not count. */
  readonly mayBeHarmless?: boolean
  /** Its fault shows only in the content, of which some was verified and kept for the next try. */
  readonly mayKeepParts?: boolean
  /** @param outside an absolute path that no fetch may touch */
  readonly make: (random: Mutator, index: number, outside: string) => HostileShare
}

export function publicShare(forge: Forge, root: CID, blocks: readonly Uint8Array[] = []): HostileShare {
  return { link: { root, hints: {} }, nodes: forge.blocks, blocks }
}

export function randomBytes(random: Mutator, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.below(256))
}

const LETTERS = 'bcdefghijklm'.split('')

/** A name of small letters, never the same twice in one share. */
export function word(random: Mutator): string {
  return Array.from({ length: 8 }, () => random.pick(LETTERS)).join('')
}
