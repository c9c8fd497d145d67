/** Known answers, which docs/protocol/space-keys.md gives: another implementation has to come to the same. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { peerIdFromPublicKey } from '../../src/identity/peer-id.ts'
import { comparisonCode, JoinerComparison } from '../../src/spaces/invites/comparison.ts'
import { encodeInvite } from '../../src/spaces/invites/invite-link.ts'
import { inviteKey, proveJoin } from '../../src/spaces/invites/join-proof.ts'
import { deviceKeys } from '../../src/spaces/keys/device-keys.ts'
import { announceEpoch } from '../../src/spaces/keys/epoch.ts'
import { spaceNames } from '../../src/spaces/keys/names.ts'
import { wrapShareKey } from '../../src/spaces/keys/share-key.ts'

const PAGE = new URL('../../../../docs/protocol/space-keys.md', import.meta.url)
const filled = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the known answers are these, and those of the page', async () => {
  const space = filled(2)
  const keys = deviceKeys({ identitySeed: filled(0), instance: filled(1), space })
  const author = keys.author.publicKey
  const random = { bytes: (length: number) => filled(3, length) }
  const init = { space, author, recipients: [keys.sealing.publicKey], random }
  const first = await announceEpoch({ ...init, predecessors: [] })
  const second = await announceEpoch({
    ...init,
    predecessors: [{ id: first.id, depth: 0, key: first.key }],
    random: { bytes: (length) => filled(4, length) },
  })
  const names = spaceNames(first.key, 1_700_000_000_000).current
  const invite = inviteKey({ seed: filled(5), space })
  const joiner = { author, sealing: keys.sealing.publicKey, peerId: peerIdFromPublicKey(filled(6)) }
  const admitter = { author: filled(7), sealing: filled(8), peerId: peerIdFromPublicKey(filled(9)) }
  const proof = proveJoin(invite, keys.author, {
    space,
    author,
    sealing: joiner.sealing,
    nonce: filled(10),
    joiner: joiner.peerId,
    admitter: admitter.peerId,
  })
  const root = Uint8Array.of(1, 0x71, 0x12, 32, ...filled(12))
  const answers = {
    author: hex(author),
    sealing: hex(keys.sealing.publicKey),
    'first id': hex(first.id),
    'first announcement': hex(first.bytes),
    'second id': hex(second.id),
    'second announcement': hex(second.bytes),
    'wrapped share key': hex(wrapShareKey(filled(13), { space, root }, first, random)),
    topic: names.topic,
    provider: names.provider.toString(),
    'invite key': hex(invite.publicKey),
    'proof by invite': hex(proof.byInvite),
    'proof by author': hex(proof.byAuthor),
    commitment: hex(new JoinerComparison({ space, own: joiner, nonce: filled(10) }).commitment),
    code: comparisonCode({ space, joiner, admitter, joinerNonce: filled(10), admitterNonce: filled(11) }),
    invitation: encodeInvite({
      space,
      seed: filled(5),
      issuer: author,
      hints: { name: 'Studio', role: 'write', expiresAtSeconds: 1_800_000_000 },
    }),
  }
  expect(answers).toMatchInlineSnapshot(`
    {
      "author": "2f99ec4c74c81c286d24d7085c7e5954deb2caa531866dd855fc1709d9a41b60",
      "code": "695 107",
      "commitment": "05d5ad3f64cca6fede1b32bbda3fc00a82b8853372d65b5773868ed1a952eadd",
      "first announcement": "a5616400616558205993ee7fddc592b80237159f372f4189ddf571a11bef81bde13cb8cfdadb7489617080617381825820d6d55e95d43e5edd208ba90749805c766c3524bd125873ead46754de4eb37924585090ab790ecbf0704232ffe9436faeccc913b66a60e99c688a40bba4d5e2e614500ae1d3afa0afc5eef349f9546170cf00ec458cfd8409440367f014917049160fba7f4f3f78add7cd2281da286b00c7cf617601",
      "first id": "5993ee7fddc592b80237159f372f4189ddf571a11bef81bde13cb8cfdadb7489",
      "invitation": "shoal://join/bafyreiacaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcai#AQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFL5nsTHTIHChtJNcIXH5ZVN6yyqUxhm3YVfwXCdmkG2B-zxI.o2FlGmtJ0gBhbmZTdHVkaW9hcmV3cml0ZQ",
      "invite key": "df75d5460ffc120af66f8cae8e87a37c75a86f7340c77b69ac63a77b0f518a8a",
      "proof by author": "e4c269f61e58712b00e5ba803e421c8be6a25bf0c6446cf33a8380d8ff8906e25498c1d1669502ad845cd3c9636ad6815ed56ed54e2bbabfe4bdd90fa726c900",
      "proof by invite": "d965e02da2ec8909f060d85f744fdc3c1ba1e3c98b804a68b95b7b16e5da184ab1508c1c2fa40c5f8a6e9fdd6c7e28309c6fde183ec1ccb1bdae95f7d5d1990d",
      "provider": "bafkreifrf2xkpbqmlujtdfpt6qswwsi3v6qagnlywd25zp3hydelfnb6t4",
      "sealing": "d6d55e95d43e5edd208ba90749805c766c3524bd125873ead46754de4eb37924",
      "second announcement": "a5616401616558200af6ace393765564f83702e5e4df803f47e36cdac078782c4c30bd686aff3a3c6170818258205993ee7fddc592b80237159f372f4189ddf571a11bef81bde13cb8cfdadb748958480404040404040404040404040404040404040404040404047ff90c36f0ad2d2c9363c195cbf0f0591cadf3d59788f6a65e0bd99655ad0b2a8984fcdf82a24a9edf1bc5835c9ce72f617381825820d6d55e95d43e5edd208ba90749805c766c3524bd125873ead46754de4eb379245850008d4fd6c00663955bf73dc152fe43bcf13c97453924872458a229f46c8080123d473d2259147953a5ab9aa406711b2b66bef1e6cf1bdd28c167c0caeb6688c7398ed2307220cc624d98c7f18d1562ca617601",
      "second id": "0af6ace393765564f83702e5e4df803f47e36cdac078782c4c30bd686aff3a3c",
      "topic": "/shoal/space/1/szWvzy2Mfr2Xeq5DoXCmA8w6DvJoTuxHHfDm8LrLaK0",
      "wrapped share key": "5993ee7fddc592b80237159f372f4189ddf571a11bef81bde13cb8cfdadb7489030303030303030303030303030303030303030303030303c5ed67a8e82d8e335d341949e48ccbf7b00cf0d06407bc9e4cb1b1784ed238c10f0b32c535b3aac42b2a497eadc64805",
    }
  `)
  const page = await readFile(PAGE, 'utf8')
  for (const [name, answer] of Object.entries(answers)) expect(page).toContain(`| ${name} | \`${answer}\` |`)
})
