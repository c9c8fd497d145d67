/**
 * Links: what one person passes on to another so that the other can fetch.
 *
 * `shoal://<root>#<key>.<hints>`: root is a CIDv1 in base32, key is base64url of a version byte, 32 bytes and 3
 * bytes of checksum (48 characters, empty for public content), hints are base64url of dag-cbor (`link-hints.ts`).
 * Canonical text leaves out the dot when there are no hints and the `#` when nothing follows it; both are
 * accepted. A public root may also come as bare CID or as `ipfs://<cid>/path`.
 *
 * Everything after `#` is as secret as the content: no message of an error repeats any of it.
 */
import { CID } from 'multiformats/cid'
import { ShoalError, type ShoalErrorInit } from '../errors.ts'
import { acceptCid, cidOf, DAG_CBOR, sha256, type Codec } from './cid.ts'
import { decodeHints, encodeHints, MAX_HINT_BYTES, type LinkHints } from './link-hints.ts'
import { judgePath } from './name-verdict.ts'

export type { LinkHints } from './link-hints.ts'

export interface Link {
  /** CIDv1; an older CIDv0 is turned into the CIDv1 of the same block, so that one content has one name. */
  readonly root: CID
  /** 32 bytes, present exactly if the content is sealed. */
  readonly key?: Uint8Array
  /** Path inside the content, components joined by `/`; only from `ipfs://<cid>/path`. */
  readonly path?: string
  readonly hints: LinkHints
}

/** Characters of the longest text that is looked at. The longest link that Shoal makes has 800. */
export const MAX_LINK_LENGTH = 2_048
/** Bytes of a share key. */
const LINK_KEY_BYTES = 32

const SCHEME = 'shoal://'
const IPFS_SCHEME = 'ipfs://'
const INVITE = 'join'
const KEY_VERSION = 1
const KEY_TEXT_LENGTH = 48
const CHECKSUM_BYTES = 3
const CHECKSUM_LABEL = Buffer.from('shoal/link/1')
const MAX_CID_LENGTH = 128
const MAX_HINT_TEXT_LENGTH = Math.ceil((MAX_HINT_BYTES * 4) / 3)
/** One alphabet for all of a link, so that a shell needs no quotes and a message no escaping. */
const LINK_ALPHABET = /^[A-Za-z0-9\-_.:/#]*$/
const COPY_AGAIN = 'Copy the link again, from its first character to its last.'
const BASE64URL = /^[A-Za-z0-9\-_]*$/

/**
 * Text of a link, in its one canonical form. Throws ERR_LINK_INCOMPLETE for sealed content without key,
 * ERR_OPTIONS_INVALID for a key of another length or of public content, and for a link with a path.
 */
export function encodeLink(link: Link): string {
  const root = canonical(link.root)
  if (link.path !== undefined) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'a link names the whole content, not a path in it')
  }
  const isSealed = root.code === DAG_CBOR
  if (isSealed && link.key === undefined) throw incomplete()
  if (link.key !== undefined && (!isSealed || link.key.byteLength !== LINK_KEY_BYTES)) {
    throw new ShoalError(
      'ERR_OPTIONS_INVALID',
      'a link of sealed content, and only that, has a key of 32 bytes',
    )
  }
  const hints = encodeHints(link.hints)
  const key = link.key === undefined ? '' : encodeKey(link.key)
  // One byte: the map without entries.
  const tail = hints.byteLength === 1 ? key : `${key}.${Buffer.from(hints).toString('base64url')}`
  return tail === '' ? `${SCHEME}${root.toString()}` : `${SCHEME}${root.toString()}#${tail}`
}

/**
 * The link in `text`; white space around it is dropped. Throws ERR_LINK_INCOMPLETE for sealed content without
 * key, ERR_LINK_CHECKSUM for a mistyped key, ERR_LINK_MALFORMED for anything else that is no link.
 */
export function parseLink(text: string): Link {
  if (text.length > MAX_LINK_LENGTH) throw malformed('this is too long for a link')
  const trimmed = text.trim()
  if (trimmed === '') throw malformed('there is no link')
  const scheme = /^[A-Za-z]+:\/\//.exec(trimmed)?.[0] ?? ''
  const rest = trimmed.slice(scheme.length)
  switch (scheme.toLowerCase()) {
    case SCHEME:
      return parseShoal(rest)
    case IPFS_SCHEME:
      return parseIpfs(rest)
    case '':
      return { root: publicRoot(rest), hints: {} }
    default:
      throw malformed('this is no link to shared content')
  }
}

/**
 * The same link with one address, and no more than is needed to fetch: for where there is little room, such as a QR code.
 * Throws as `parseLink` and `encodeLink`.
 */
export function compactLink(text: string): string {
  const { hints, ...link } = parseLink(text)
  const { peerId, addresses = [] } = hints
  return encodeLink({
    ...link,
    hints: { ...(peerId === undefined ? {} : { peerId }), addresses: addresses.slice(0, 1) },
  })
}

/**
 * The root that a link or a bare CID names, as text. What follows the `#` is not looked at: to name a share nobody needs
 * its key. Throws ERR_LINK_MALFORMED.
 */
export function parseRoot(text: string): string {
  if (text.length > MAX_LINK_LENGTH) throw malformed('this is too long for a link')
  const [, rootText = ''] = /^(?:shoal:\/\/|ipfs:\/\/)?([^#/]*)/i.exec(text.trim()) ?? []
  return parseCid(rootText).toString()
}

function parseShoal(rest: string): Link {
  if (!LINK_ALPHABET.test(rest)) throw malformed('this link has a character that no link contains')
  if (rest === INVITE || rest.startsWith(`${INVITE}/`)) {
    throw malformed('this is an invitation to a space, not a link to content', {
      hint: 'Accept it with the shoal space command.',
    })
  }
  const [rootText = '', tail = '', ...more] = rest.split('#')
  if (more.length > 0) throw malformed('this link has more than one #')
  const root = parseCid(rootText)
  if (root.toString() !== rootText) throw malformed('the first part of this link is not in its usual form')
  const [keyText = '', hintText = '', ...dots] = tail.split('.')
  if (dots.length > 0) throw malformed('this link has more than one dot after the #')
  const isSealed = root.code === DAG_CBOR
  if (isSealed && keyText === '') throw incomplete()
  if (!isSealed && keyText !== '') throw malformed('this link is to public content but has a key')
  const key = isSealed ? parseKey(keyText) : undefined
  const hints = parseHints(hintText)
  return key === undefined ? { root, hints } : { root, key, hints }
}

function parseIpfs(rest: string): Link {
  if (/[?#]/.test(rest)) throw malformed('an ipfs:// link with ? or # is not supported')
  const slash = rest.indexOf('/')
  const root = publicRoot(slash === -1 ? rest : rest.slice(0, slash))
  const encoded = slash === -1 ? '' : rest.slice(slash + 1).replace(/\/$/, '')
  if (encoded === '') return { root, hints: {} }
  let path: string
  try {
    path = decodeURIComponent(encoded)
  } catch {
    throw malformed('the path of this ipfs:// link has a broken % sequence')
  }
  const verdict = judgePath(path)
  if (verdict.verdict === 'unsafe')
    throw malformed(`the path of this ipfs:// link is not usable: ${verdict.reason}`)
  return { root, path, hints: {} }
}

function publicRoot(text: string): CID {
  const root = parseCid(text)
  if (root.code === DAG_CBOR) throw incomplete()
  return root
}

function parseCid(text: string): CID {
  if (text === '') throw malformed('this link names nothing: the part after shoal:// is missing')
  if (text.length > MAX_CID_LENGTH) throw malformed('the first part of this link is too long')
  try {
    return canonical(acceptCid(CID.parse(text)))
  } catch {
    // Without its cause, whose message repeats the text: that may be a link with a key and a damaged beginning.
    throw malformed('the first part of this link names no content that Shoal reads')
  }
}

/** Built anew, since a parsed CID remembers the text that it came from. */
function canonical(cid: CID): CID {
  return cidOf(cid.code as Codec, cid.multihash.digest)
}

function encodeKey(key: Uint8Array): string {
  const versioned = Buffer.concat([Uint8Array.of(KEY_VERSION), key])
  return Buffer.concat([versioned, checksumOf(versioned)]).toString('base64url')
}

function parseKey(text: string): Uint8Array {
  if (text.length !== KEY_TEXT_LENGTH) {
    throw malformed(`the key of this link has ${text.length} characters instead of ${KEY_TEXT_LENGTH}`, {
      hint: COPY_AGAIN,
    })
  }
  const bytes = decodeBase64Url(text)
  const versioned = bytes.subarray(0, 1 + LINK_KEY_BYTES)
  if (Buffer.compare(bytes.subarray(versioned.byteLength), checksumOf(versioned)) !== 0) {
    throw new ShoalError('ERR_LINK_CHECKSUM', 'the key of this link was changed on its way')
  }
  if (versioned[0] !== KEY_VERSION) {
    throw malformed('this link was made by a newer version of Shoal', {
      hint: 'Update Shoal, then try again.',
    })
  }
  return new Uint8Array(versioned.subarray(1))
}

function checksumOf(versioned: Uint8Array): Uint8Array {
  return sha256(CHECKSUM_LABEL, versioned).subarray(0, CHECKSUM_BYTES)
}

function parseHints(text: string): LinkHints {
  if (text === '') return {}
  if (text.length > MAX_HINT_TEXT_LENGTH) throw malformed('the part of this link after the dot is too long')
  const bytes = decodeBase64Url(text)
  try {
    return decodeHints(bytes)
  } catch {
    // What exactly does not fit helps nobody who copied a link.
    throw malformed('the end of this link is missing or was changed', { hint: COPY_AGAIN })
  }
}

/** Strict: one text for one sequence of bytes, where Buffer would skip what it does not know. */
function decodeBase64Url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url')
  if (!BASE64URL.test(text) || bytes.toString('base64url') !== text) {
    throw malformed('the part of this link after the # is damaged', { hint: COPY_AGAIN })
  }
  return bytes
}

function incomplete(): ShoalError {
  return new ShoalError('ERR_LINK_INCOMPLETE', 'this link is to private content but has no key')
}

function malformed(message: string, init?: ShoalErrorInit): ShoalError {
  return new ShoalError('ERR_LINK_MALFORMED', message, init)
}
