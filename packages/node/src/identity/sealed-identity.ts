/**
 * An identity as a text that only a passphrase opens: one line of JSON,
 * `{type: "shoal/identity", v: 2, scrypt: {n, r, p}, salt, nonce, check, sealed, sum}`, bytes in base64url.
 *
 * scrypt (RFC 7914) makes 32 bytes of the passphrase; HKDF-SHA-256 makes two keys of these. One is `check`, by which a
 * wrong passphrase is told from a damaged text; the other seals what there is to tell with AES-256-GCM, whose
 * associated data are all other fields before `check`. `sum` is the start of the sha2-256 of all before it: damage is known
 * before anybody is asked for a passphrase. A change on purpose is found by the seal.
 *
 * Sealed are in version 1 `{seed, instance, former}` as JSON, and in version 2 the length of that (u32be), that, and what else of
 * the home goes along, which is not looked at here.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, scrypt } from 'node:crypto'
import { ShoalError } from '../errors.ts'
import type { Random } from '../util/seams.ts'
import { INSTANCE_BYTES, MAX_FORMER_INSTANCES } from './instance.ts'

export interface ExportedIdentity {
  /** Seed of the Ed25519 key, 32 bytes. */
  readonly seed: Uint8Array
  /** Instance of the home it was taken from, 32 bytes. */
  readonly instance: Uint8Array
  /** The instances before that one, newest first. */
  readonly former: readonly Uint8Array[]
  /** What else goes along, as whoever seals it encodes it; undefined: the text is of version 1, in which there is no such thing. */
  readonly along: Uint8Array | undefined
}

/** What guessing one passphrase costs: 128 MiB of memory and about half a second. OWASP's first choice of 2023. */
export const SCRYPT_COST = { n: 131_072, r: 8, p: 1 } as const
/** Characters of the shortest passphrase that is taken. */
export const MIN_PASSPHRASE_LENGTH = 8
/** Bytes of the longest text that is read. */
export const MAX_SEALED_IDENTITY_BYTES = 25_165_824

/** Costs that are read: what a text demands of the device that opens it stays within 256 MiB. */
const COST_BOUNDS = { n: [16_384, 262_144], r: [8, 8], p: [1, 4] } as const
const MAX_SCRYPT_MEMORY_BYTES = 300_000_000
const MAX_PASSPHRASE_BYTES = 4_096
const TYPE = 'shoal/identity'
/** With the identity alone, and with what else goes along. */
const VERSION_ALONE = 1
const VERSION_ALONG = 2
const LENGTH_BYTES = 4
const KEY_BYTES = 32
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SUM_BYTES = 8
const FIELDS = ['type', 'v', 'scrypt', 'salt', 'nonce', 'check', 'sealed', 'sum']
/** Quotes in the text: around 11 names and 6 values. */
const QUOTES = 34

interface Cost {
  readonly n: number
  readonly r: number
  readonly p: number
}

interface Header {
  readonly v: number
  readonly scrypt: Cost
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
}

interface Sealed extends Header {
  readonly check: Uint8Array
  readonly sealed: Uint8Array
}

/** @throws ShoalError ERR_OPTIONS_INVALID for a passphrase that is too short or too long */
export async function sealIdentity(
  { seed, instance, former, along }: ExportedIdentity,
  passphrase: string,
  random: Random,
): Promise<string> {
  // By characters as people count them; a passphrase is typed the same on a system that composes accents differently.
  if (Array.from(passphrase.normalize('NFC')).length < MIN_PASSPHRASE_LENGTH) {
    throw new ShoalError(
      'ERR_OPTIONS_INVALID',
      `a passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters`,
      { hint: 'Take several words that nobody would say in a row.' },
    )
  }
  const header: Header = {
    v: along === undefined ? VERSION_ALONE : VERSION_ALONG,
    scrypt: SCRYPT_COST,
    salt: random.bytes(SALT_BYTES),
    nonce: random.bytes(NONCE_BYTES),
  }
  const { key, check } = await keysOf(passphrase, header)
  const own = Buffer.from(
    JSON.stringify({
      seed: toText(seed),
      instance: toText(instance),
      former: former.slice(0, MAX_FORMER_INSTANCES).map(toText),
    }),
  )
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(own.byteLength)
  const plain = along === undefined ? own : Buffer.concat([length, own, along])
  const cipher = createCipheriv('aes-256-gcm', key, header.nonce)
  cipher.setAAD(headerBytes(header))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return textOf({ ...header, check, sealed })
}

/**
 * Reads the text without a passphrase, to say at once if it is whole.
 *
 * @throws ShoalError ERR_CONTENT_INVALID
 */
export function readSealedIdentity(text: string): Sealed {
  const read = parsed(text)
  if (read['type'] !== TYPE) throw invalid('this file holds no exported identity')
  const v = read['v']
  if (v !== VERSION_ALONE && v !== VERSION_ALONG) {
    throw invalid('this file was made by a newer version of Shoal', 'Update Shoal, then try again.')
  }
  const sealed: Sealed = {
    v,
    scrypt: costOf(read['scrypt']),
    salt: bytesOf(read['salt'], SALT_BYTES),
    nonce: bytesOf(read['nonce'], NONCE_BYTES),
    check: bytesOf(read['check'], KEY_BYTES),
    sealed: bytesOf(read['sealed']),
  }
  // One text for one content, so that nothing stands in it that is not looked at.
  const isSame = Object.keys(read).join() === FIELDS.join() && textOf(sealed).trimEnd() === text.trim()
  if (!isSame) throw damaged()
  return sealed
}

/**
 * @throws ShoalError ERR_WRONG_KEY for another passphrase, ERR_CONTENT_INVALID for a text that is damaged or was changed,
 *   ERR_OPTIONS_INVALID for a passphrase that is too long
 */
export async function openIdentity(text: string, passphrase: string): Promise<ExportedIdentity> {
  const { check, sealed, ...header } = readSealedIdentity(text)
  const keys = await keysOf(passphrase, header)
  if (Buffer.compare(keys.check, check) !== 0) {
    throw new ShoalError('ERR_WRONG_KEY', 'this is not the passphrase of this file', {
      hint: 'Try again with the passphrase that it was exported with. Without it nobody can open the file.',
    })
  }
  const decipher = createDecipheriv('aes-256-gcm', keys.key, header.nonce)
  decipher.setAAD(headerBytes(header))
  try {
    decipher.setAuthTag(sealed.subarray(sealed.byteLength - TAG_BYTES))
    const plain = decipher.update(sealed.subarray(0, sealed.byteLength - TAG_BYTES))
    return identityOf(header.v, Buffer.concat([plain, decipher.final()]))
  } catch {
    // Without its cause: nothing about what is inside belongs into a log.
    throw invalid('this file was changed after it was exported')
  }
}

function identityOf(v: number, plain: Buffer): ExportedIdentity {
  const from = v === VERSION_ALONE ? 0 : LENGTH_BYTES
  const to = v === VERSION_ALONE ? plain.byteLength : LENGTH_BYTES + plain.readUInt32BE()
  if (to > plain.byteLength) throw damaged()
  const read = JSON.parse(plain.subarray(from, to).toString()) as Record<string, unknown>
  const former = read['former']
  if (!Array.isArray(former) || former.length > MAX_FORMER_INSTANCES) throw damaged()
  return {
    seed: bytesOf(read['seed'], KEY_BYTES),
    instance: bytesOf(read['instance'], INSTANCE_BYTES),
    former: former.map((each: unknown) => bytesOf(each, INSTANCE_BYTES)),
    along: v === VERSION_ALONE ? undefined : new Uint8Array(plain.subarray(to)),
  }
}

/** In the order of FIELDS, which canonical text has. */
function textOf({ v, scrypt: cost, salt, nonce, check, sealed }: Sealed): string {
  const fields = {
    type: TYPE,
    v,
    scrypt: { n: cost.n, r: cost.r, p: cost.p },
    salt: toText(salt),
    nonce: toText(nonce),
    check: toText(check),
    sealed: toText(sealed),
  }
  const sum = hash('sha256', JSON.stringify(fields), 'buffer').subarray(0, SUM_BYTES)
  return `${JSON.stringify({ ...fields, sum: toText(sum) })}\n`
}

function parsed(text: string): Record<string, unknown> {
  if (Buffer.byteLength(text) > MAX_SEALED_IDENTITY_BYTES)
    throw invalid('this file holds no exported identity')
  try {
    const read: unknown = isFlat(text) ? JSON.parse(text) : undefined
    if (typeof read === 'object' && read !== null) return read as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw text.trimStart().startsWith(`{"type":"${TYPE}"`)
    ? damaged()
    : invalid('this file holds no exported identity')
}

/** Whether it has no more parts than it may: a large text of many small ones would take all memory when it is parsed. */
function isFlat(text: string): boolean {
  if (text.includes('[')) return false
  let quotes = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1))
    if (++quotes > QUOTES) return false
  return true
}

function costOf(read: unknown): Cost {
  const { n, r, p } = (read ?? {}) as Record<keyof Cost, unknown>
  const isWithin = (value: unknown, [least, most]: readonly [number, number]): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  const isCost = isWithin(n, COST_BOUNDS.n) && isWithin(r, COST_BOUNDS.r) && isWithin(p, COST_BOUNDS.p)
  if (!isCost || (n & (n - 1)) !== 0) throw damaged()
  return { n, r, p }
}

async function keysOf(
  passphrase: string,
  { scrypt: { n, r, p }, salt }: Pick<Header, 'scrypt' | 'salt'>,
): Promise<{ key: Uint8Array; check: Uint8Array }> {
  const bytes = Buffer.from(passphrase.normalize('NFC'))
  if (bytes.byteLength > MAX_PASSPHRASE_BYTES) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `a passphrase has at most ${MAX_PASSPHRASE_BYTES} bytes`)
  }
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  scrypt(bytes, salt, KEY_BYTES, { N: n, r, p, maxmem: MAX_SCRYPT_MEMORY_BYTES }, (error, key) => {
    if (error === null) resolve(key)
    else reject(new ShoalError('ERR_INTERNAL', 'the passphrase could not be worked on', { cause: error }))
  })
  const secret = await promise
  const derive = (info: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, 'shoal/identity/1', info, KEY_BYTES))
  return { key: derive('seal'), check: derive('check') }
}

function headerBytes({ v, scrypt: { n, r, p }, salt, nonce }: Header): Uint8Array {
  return Buffer.from(JSON.stringify([TYPE, v, n, r, p, toText(salt), toText(nonce)]))
}

function bytesOf(read: unknown, length?: number): Uint8Array {
  if (typeof read !== 'string') throw damaged()
  const bytes = Buffer.from(read, 'base64url')
  if (bytes.toString('base64url') !== read) throw damaged()
  const isLong = length === undefined ? bytes.byteLength >= TAG_BYTES : bytes.byteLength === length
  if (!isLong) throw damaged()
  return new Uint8Array(bytes)
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function damaged(): ShoalError {
  return invalid('this file is damaged')
}

function invalid(message: string, hint = 'Take another copy of the file that was exported.'): ShoalError {
  return new ShoalError('ERR_CONTENT_INVALID', message, { hint })
}
