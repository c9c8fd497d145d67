import { expect, test } from 'vitest'
import type { KeyRing } from '../../../src/spaces/keys/key-ring.ts'
import { ShoalError } from '../../../src/errors.ts'
import { unwrapShareKey, wrapShareKey, WRAPPED_SHARE_KEY_BYTES } from '../../../src/spaces/keys/share-key.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

test(`a share key opens in its space, epoch and root only, and an unknown epoch is told apart (seed ${SEED})`, () => {
  const random = seededRandom(SEED)
  const place = { space: random.bytes(32), root: random.bytes(36) }
  const epoch = { id: random.bytes(32), key: random.bytes(32) }
  const other = { id: random.bytes(32), key: epoch.key }
  const ring: Pick<KeyRing, 'keyOf'> = {
    keyOf: (id) => {
      for (const each of [epoch, other]) if (Buffer.compare(id, each.id) === 0) return each.key
      throw new ShoalError('ERR_NO_SPACE_KEY', 'no such epoch')
    },
  }
  const key = random.bytes(32)
  const wrapped = wrapShareKey(key, place, epoch, random)
  const invalid = expect.objectContaining({ code: 'ERR_CONTENT_INVALID' })
  expect(wrapped.byteLength).toBe(WRAPPED_SHARE_KEY_BYTES)
  expect(unwrapShareKey(wrapped, place, ring)).toEqual(key)
  expect(() => unwrapShareKey(wrapped, { ...place, space: random.bytes(32) }, ring)).toThrow(invalid)
  expect(() => unwrapShareKey(wrapped, { ...place, root: random.bytes(36) }, ring)).toThrow(invalid)
  // The same key under another id of epoch.
  const moved = new Uint8Array(Buffer.concat([other.id, wrapped.subarray(32)]))
  expect(() => unwrapShareKey(moved, place, ring)).toThrow(invalid)
  for (let at = 0; at < wrapped.byteLength; at++) {
    const code = at < 32 ? 'ERR_NO_SPACE_KEY' : 'ERR_CONTENT_INVALID'
    const bad = wrapped.with(at, (wrapped[at] as number) ^ 0x10)
    expect(() => unwrapShareKey(bad, place, ring), `byte ${at}`).toThrow(expect.objectContaining({ code }))
    expect(() => unwrapShareKey(wrapped.slice(0, at), place, ring)).toThrow(invalid)
  }
})
