/**
 * Invitations as text: `shoal://join/<space>#<secret>.<hints>`. Space is a CIDv1 (dag-cbor, sha2-256) in base32, whose digest
 * is the id of the space; secret is base64url of a version byte, the seed (32 bytes), the issuer's author key (32 bytes)
 * and 3 bytes of checksum (91 characters); hints are base64url of dag-cbor (`invite-hints.ts`).
 *
 * Who holds the text can ask to be let in. No message of an error repeats any of what follows the `#`.
 */
import { CID } from 'multiformats/cid'
import { acceptCid, cidOf, DAG_CBOR, sha256 } from '../../content/cid.ts'
import { ShoalError, type ShoalErrorInit } from '../../errors.ts'
import { KEY_BYTES } from '../keys/derive.ts'
import { decodeInviteHints, encodeInviteHints, type InviteHints } from './invite-hints.ts'
import { MAX_INVITE_HINT_BYTES, MAX_INVITE_LENGTH } from './limits.ts'

export interface Invite {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  /** What the key of the invitation is made of, 32 bytes. Never logged. */
  readonly seed: Uint8Array
  /** Author key of who issued it, 32 bytes: whose word on the members is believed before the log is there. */
  readonly issuer: Uint8Array
  readonly hints: InviteHints
}

const PREFIX = 'shoal://join/'
const SECRET_VERSION = 1
const CHECKSUM_BYTES = 3
const CHECKSUM_LABEL = Buffer.from('shoal/invite/1')
const SECRET_BYTES = 1 + 2 * KEY_BYTES + CHECKSUM_BYTES
const SECRET_LENGTH = Math.ceil((SECRET_BYTES * 4) / 3)
const MAX_CID_LENGTH = 128
const MAX_HINT_LENGTH = Math.ceil((MAX_INVITE_HINT_BYTES * 4) / 3)
const COPY_AGAIN = 'Copy it again, from its first character to its last.'
/** One alphabet for all of it, so that a shell needs no quotes. */
const ALPHABET = /^[A-Za-z0-9\-_.:/#]*$/

/** Text of an invitation. @throws ShoalError ERR_OPTIONS_INVALID when a part of it has another length or is none */
export function encodeInvite({ space, seed, issuer, hints }: Invite): string {
  if ([space, seed, issuer].some(({ byteLength }) => byteLength !== KEY_BYTES)) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `the parts of an invitation have ${KEY_BYTES} bytes each`)
  }
  const versioned = Buffer.concat([Uint8Array.of(SECRET_VERSION), seed, issuer])
  const secret = Buffer.concat([versioned, checksumOf(versioned)]).toString('base64url')
  const encoded = Buffer.from(encodeInviteHints(hints))
  // One byte: the map without entries.
  const tail = encoded.byteLength === 1 ? '' : `.${encoded.toString('base64url')}`
  return `${PREFIX}${cidOf(DAG_CBOR, space).toString()}#${secret}${tail}`
}

/**
 * The invitation in `text`; white space around it is dropped.
 *
 * @throws ShoalError ERR_LINK_INCOMPLETE when what follows the `#` is missing, ERR_LINK_CHECKSUM when it was mistyped,
 *   ERR_LINK_MALFORMED for anything else that is no invitation
 */
export function parseInvite(text: string): Invite {
  if (text.length > MAX_INVITE_LENGTH) throw malformed('this is too long for an invitation')
  const trimmed = text.trim()
  if (trimmed.slice(0, PREFIX.length).toLowerCase() !== PREFIX) throw notAnInvite(trimmed)
  const rest = trimmed.slice(PREFIX.length)
  if (!ALPHABET.test(rest)) throw malformed('this invitation has a character that no link contains')
  const [spaceText = '', tail = '', ...more] = rest.split('#')
  if (more.length > 0) throw malformed('this invitation has more than one #')
  const space = parseSpace(spaceText)
  const [secretText = '', hintText = '', ...dots] = tail.split('.')
  if (dots.length > 0) throw malformed('this invitation has more than one dot after the #')
  if (secretText === '') {
    throw new ShoalError('ERR_LINK_INCOMPLETE', 'the part of this invitation after the # is missing', {
      hint: "Put it in 'single quotes' and copy it whole.",
    })
  }
  const { seed, issuer } = parseSecret(secretText)
  if (hintText.length > MAX_HINT_LENGTH) throw malformed('the part after the dot is too long')
  const hints = hintText === '' ? {} : parseHints(hintText)
  return { space, seed, issuer, hints }
}

function parseHints(text: string): InviteHints {
  const bytes = decodeBase64Url(text)
  try {
    return decodeInviteHints(bytes)
  } catch {
    // What exactly does not fit helps nobody who copied it.
    throw malformed('the end of this invitation is missing or was changed', { hint: COPY_AGAIN })
  }
}

/** Is it over, by what the text itself says? The auth log has the last word. @param nowMs milliseconds since 1970 */
export function isInviteOver({ expiresAtSeconds }: InviteHints, nowMs: number): boolean {
  return expiresAtSeconds !== undefined && nowMs >= expiresAtSeconds * 1_000
}

function parseSpace(text: string): Uint8Array {
  if (text === '') throw malformed('this invitation names no space')
  if (text.length > MAX_CID_LENGTH) throw malformed('the first part of this invitation is too long')
  let cid: CID
  try {
    cid = acceptCid(CID.parse(text))
  } catch {
    throw malformed('the first part of this invitation names no space')
  }
  if (cid.code !== DAG_CBOR || cid.toString() !== text) {
    throw malformed('the first part of this invitation names no space')
  }
  return new Uint8Array(cid.multihash.digest)
}

function parseSecret(text: string): Pick<Invite, 'seed' | 'issuer'> {
  if (text.length !== SECRET_LENGTH) {
    throw malformed(
      `the secret of this invitation has ${text.length} characters instead of ${SECRET_LENGTH}`,
      { hint: COPY_AGAIN },
    )
  }
  const bytes = decodeBase64Url(text)
  const versioned = bytes.subarray(0, SECRET_BYTES - CHECKSUM_BYTES)
  if (Buffer.compare(bytes.subarray(versioned.byteLength), checksumOf(versioned)) !== 0) {
    throw new ShoalError('ERR_LINK_CHECKSUM', 'the secret of this invitation was changed on its way')
  }
  if (versioned[0] !== SECRET_VERSION) {
    throw malformed('this invitation was made by a newer version of Shoal', {
      hint: 'Update Shoal, then try again.',
    })
  }
  return {
    seed: new Uint8Array(versioned.subarray(1, 1 + KEY_BYTES)),
    issuer: new Uint8Array(versioned.subarray(1 + KEY_BYTES)),
  }
}

function checksumOf(versioned: Uint8Array): Uint8Array {
  return sha256(CHECKSUM_LABEL, versioned).subarray(0, CHECKSUM_BYTES)
}

/** Strict: one text for one sequence of bytes, where Buffer would skip what it does not know. */
function decodeBase64Url(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text)
    throw malformed('the part of this invitation after the # is damaged', { hint: COPY_AGAIN })
  return bytes
}

function notAnInvite(text: string): ShoalError {
  if (!/^(shoal|ipfs):\/\//i.test(text)) {
    return malformed('this is no invitation', {
      hint: 'An invitation begins with shoal://join/ and is one word.',
    })
  }
  return malformed('this is a link to content, not an invitation to a space', {
    hint: 'To download it: shoal fetch LINK',
  })
}

function malformed(message: string, init?: ShoalErrorInit): ShoalError {
  return new ShoalError('ERR_LINK_MALFORMED', message, init)
}
