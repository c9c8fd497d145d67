import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import { findKey, streamKeys } from '../../../src/spaces/join/join-keys.ts'
import { hex } from '../../helpers/catalogue.ts'

const of = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const FACTS = {
  invitePublicKey: of(1),
  space: of(2),
  joinerNonce: of(3),
  admitterNonce: of(4),
  joiner: peerIdFromPublicKey(of(5)),
  admitter: peerIdFromPublicKey(of(6)),
}

test('keys are those that the specification tells', async () => {
  const { seals, opens } = streamKeys(FACTS, 'joiner')
  const rows = { 'find key': findKey(of(1), of(2)), 'key of the joiner': seals, 'key of the admitter': opens }
  const spec = await readFile(new URL('../../../../../docs/protocol/space-join.md', import.meta.url), 'utf8')
  for (const [what, bytes] of Object.entries(rows)) expect(spec).toContain(`| ${what} | \`${hex(bytes)}\` |`)
})

test('both sides have the same two, and every fact changes them', () => {
  const { seals, opens } = streamKeys(FACTS, 'joiner')
  expect(streamKeys(FACTS, 'admitter')).toEqual({ seals: opens, opens: seals })
  const others = [
    ...(['invitePublicKey', 'space', 'joinerNonce', 'admitterNonce'] as const).map((name) => ({
      [name]: of(9),
    })),
    { joiner: FACTS.admitter },
    { admitter: FACTS.joiner },
  ]
  const keys = others.map((other) => hex(streamKeys({ ...FACTS, ...other }, 'joiner').seals))
  expect(new Set([...keys, hex(seals), hex(opens)]).size).toBe(others.length + 2)
})
