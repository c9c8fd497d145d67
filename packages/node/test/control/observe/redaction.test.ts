import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SecretScan, secretsOf } from '../../../../../test/helpers/secrets.ts'
import { REMOVED, redact } from '../../../src/control/observe/redaction.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const ROOT = 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
const KEY = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChoqM_'.slice(0, 48)
const HINTS = 'oWFuZ2Eudhh0'
const LINK = `shoal://${ROOT}#${KEY}.${HINTS}`
const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

describe('what is a secret is taken out', () => {
  test.each([
    ['a link', LINK, `shoal://${ROOT}#${REMOVED}`],
    ['a link in a sentence', `fetch ${LINK} failed`, `fetch shoal://${ROOT}#${REMOVED} failed`],
    ['a link with a path', `shoal://${ROOT}#${KEY}/a b`, `shoal://${ROOT}#${REMOVED} b`],
    ['a link without a key', `shoal://${ROOT}#.${HINTS}`, `shoal://${ROOT}#${REMOVED}`],
    ['an invite', 'shoal://join/space#short', `shoal://join/space#${REMOVED}`],
    ['a link in capitals', `SHOAL://${ROOT}#x`, `SHOAL://${ROOT}#${REMOVED}`],
    ['a link in a URL', encodeURIComponent(LINK), `shoal%3A%2F%${REMOVED}#${REMOVED}`],
    ['a key', `key ${KEY}.`, `key ${REMOVED}.`],
    ['a token as it is sent', `Bearer ${KEY.slice(5)}`, `Bearer ${REMOVED}`],
    ['a token in the query', `/v1/status?token=${KEY.slice(5)}&a=b`, `/v1/status?${REMOVED}&a=b`],
    ['a network key', `SHOAL_NETWORK_KEY ${'0a'.repeat(32)}`, `SHOAL_NETWORK_KEY ${REMOVED}`],
    ['a key after an escaped line end', `"\\n${KEY}"`, `"\\${REMOVED}"`],
    ['a key as the name of a file', `/home/ada/${KEY}/x`, `/home/ada/${REMOVED}/x`],
  ])('%s', (_what, given, left) => {
    expect(redact(given)).toBe(left)
  })
})

describe('what is none stays', () => {
  test.each([
    ['a root', ROOT],
    ['an old CID', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG'],
    ['a peer id', PEER],
    ['an address', `/ip4/192.168.1.7/tcp/4001/p2p/${PEER}`],
    ['a root at the end of a sentence', `nobody has ${ROOT}.`],
    ['a path', '/home/ada/.local/Pictures/2026/holidays/in/the/mountains/with/everybody/IMG_0042.jpg'],
    ['a sentence', '{"level":"info","time":"2026-11-22T10:00:00.000Z","msg":"session ended"}'],
    ['a UUID', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  ])('%s', (_what, text) => {
    expect(redact(text)).toBe(text)
  })
})

test(`no key or token is left of a line in any form (seed ${SEED})`, () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 36 })
  const around = fc.stringMatching(/^[ -~]{0,20}$/)
  fc.assert(
    fc.property(bytes, around, around, (secret, before, after) => {
      const text = Buffer.from(secret).toString('base64url')
      const scan = new SecretScan({ text })
      const link = `shoal://${ROOT}#${text}.${HINTS}`
      const forms = [
        text,
        link,
        encodeURIComponent(link),
        Buffer.from(secret).toString('hex'),
        Buffer.from(text).toString('hex'),
        Buffer.from(text).toString('base64'),
        Buffer.from(link).toString('base64url'),
        Buffer.from(link).toString('hex'),
      ]
      for (const form of forms) {
        const line = JSON.stringify({ msg: `${before} ${form} ${after}` })
        const left = redact(line)
        expect(scan.find(left)).toEqual([])
        // It is still what a program can read.
        expect(typeof JSON.parse(left)).toBe('object')
      }
    }),
    { seed: SEED },
  )
})

test('it ends soon, whatever a line is made of', () => {
  for (const piece of ['shoal:', 'shoal:%', '#', 'a/', 'shoal%3a%2', KEY]) {
    const line = piece.repeat(20_000 / piece.length)
    expect(redact(line).length).toBeLessThanOrEqual(line.length + REMOVED.length)
  }
})

describe('the scan that other tests rely on', () => {
  const key = randomBytes(36).toString('base64url')
  const scan = new SecretScan({ key })

  test.each([
    ['itself', key],
    ['a piece of it', key.slice(20, 40)],
    ['hexadecimal', Buffer.from(key).toString('hex')],
    ['its bytes in hexadecimal', Buffer.from(key, 'base64url').toString('hex')],
    ['its bytes in capitals', Buffer.from(key, 'base64url').toString('hex').toUpperCase()],
    ['base64', Buffer.from(key).toString('base64')],
    ['base64 behind a letter', Buffer.from(`x${key}`).toString('base64')],
    ['base64 behind two', Buffer.from(`xy${key}`).toString('base64url')],
    ['percent', Array.from(Buffer.from(key), (byte) => `%${byte.toString(16)}`).join('')],
  ])('finds %s', (_form, text) => {
    expect(scan.find(`a line with ${text} in it`)).toEqual(['key'])
  })

  test('finds nothing else, and knows the secrets of a link', () => {
    expect(scan.find(`${ROOT} ${PEER} ${randomBytes(100).toString('hex')}`)).toEqual([])
    expect(secretsOf(LINK)).toEqual([`${KEY}.${HINTS}`, KEY])
  })
})
