/**
 * The key of a share in a space, wrapped by an epoch key: `epoch id (32) || nonce (24) || ciphertext (32) || tag (16)`, bound
 * to the space, the epoch and the root. A replica without epoch keys stores the blocks and cannot read them.
 */
import { ShoalError } from '../../errors.ts'
import type { Random } from '../../util/seams.ts'
import { bind, derive, KEY_BYTES } from './derive.ts'
import { shortId } from './epoch.ts'
import type { KeyRing } from './key-ring.ts'
import { unwrap, wrap, WRAPPED_BYTES } from './wrapping.ts'

const LABEL = 'shoal/space-share/1'

/** Bytes of a wrapped share key. */
export const WRAPPED_SHARE_KEY_BYTES: number = KEY_BYTES + WRAPPED_BYTES

export interface ShareKeyPlace {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  /** Root CID of the share, as bytes. */
  readonly root: Uint8Array
}

/** @param epoch the one that the ring sends under */
export function wrapShareKey(
  shareKey: Uint8Array,
  { space, root }: ShareKeyPlace,
  epoch: { readonly id: Uint8Array; readonly key: Uint8Array },
  random: Random,
): Uint8Array {
  const aad = bind(LABEL, space, epoch.id, root)
  return new Uint8Array(Buffer.concat([epoch.id, wrap(derive(epoch.key, LABEL), shareKey, aad, random)]))
}

/**
 * @throws ShoalError ERR_NO_SPACE_KEY when this device has not got the key of the epoch, which may still come;
 *   ERR_CONTENT_INVALID when it has, and what is wrapped was altered, or belongs to another root or space
 */
export function unwrapShareKey(
  wrapped: Uint8Array,
  { space, root }: ShareKeyPlace,
  ring: Pick<KeyRing, 'keyOf'>,
): Uint8Array {
  if (wrapped.byteLength !== WRAPPED_SHARE_KEY_BYTES) {
    throw new ShoalError('ERR_CONTENT_INVALID', `a key of a share has ${wrapped.byteLength} bytes`)
  }
  const epoch = wrapped.subarray(0, KEY_BYTES)
  const by = derive(ring.keyOf(epoch), LABEL)
  const shareKey = unwrap(by, wrapped.subarray(KEY_BYTES), bind(LABEL, space, epoch, root))
  if (shareKey !== undefined) return shareKey
  throw new ShoalError('ERR_CONTENT_INVALID', `a key of a share does not open under ${shortId(epoch)}`)
}
