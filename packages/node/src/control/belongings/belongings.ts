/**
 * What of a home goes along with its identity, as bytes: a dag-cbor list of its spaces, each `[id, name]`, then its shares
 * (`elsewhere-share.ts`) up to the end.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { fromHex, toHex } from '../../spaces/auth/action-codec.ts'
import type { Hex } from '../../spaces/auth/action.ts'
import { MAX_SPACE_NAME_BYTES } from '../../spaces/auth/limits.ts'
import type { KeptSpace } from '../../spaces/host/kept-spaces.ts'
import { MAX_SPACES } from '../../spaces/host/limits.ts'
import { MAX_ELSEWHERE_BYTES, readElsewhere } from '../../store/elsewhere-share.ts'

export interface Belongings {
  readonly spaces: readonly KeptSpace[]
  /** Shares, as `encodeElsewhere` gives each. */
  readonly list: Uint8Array
  /** How many there are in the list. */
  readonly shares: number
}

export const NO_BELONGINGS: Belongings = { spaces: [], list: new Uint8Array(), shares: 0 }

const ID_BYTES = 32
const FIELDS = 2

export function encodeBelongings({ spaces, list }: Omit<Belongings, 'shares'>): Uint8Array {
  return new Uint8Array(Buffer.concat([encode(spaces.map(({ id, name }) => [fromHex(id), name])), list]))
}

/** @throws ShoalError ERR_CONTENT_INVALID for what is malformed or over a limit */
export function decodeBelongings(bytes: Uint8Array): Belongings {
  const reader = new CborReader(bytes, 'ERR_CONTENT_INVALID', 'what goes along with an identity')
  const count = reader.array()
  if (count > MAX_SPACES) throw reader.fail('there are too many spaces')
  const spaces = new Map<Hex, KeptSpace>()
  for (let left = count; left > 0; left--) {
    if (reader.array() !== FIELDS) throw reader.fail('a space has an unknown form')
    const id = reader.bytes(ID_BYTES)
    if (id.byteLength !== ID_BYTES || spaces.has(toHex(id))) throw reader.fail('a space has no id of its own')
    spaces.set(toHex(id), { id: toHex(id), name: reader.text(MAX_SPACE_NAME_BYTES) })
  }
  const list = bytes.subarray(reader.offset)
  if (list.byteLength > MAX_ELSEWHERE_BYTES) throw reader.fail('the list of shares is too long')
  return { spaces: [...spaces.values()], list, shares: readElsewhere(reader).length }
}
