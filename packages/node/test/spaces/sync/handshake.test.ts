/** Known answers of the handshake, which docs/protocol/space-sync.md gives, and what is no handshake. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Channel } from '../../../src/network/channel.ts'
import type { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import { signingKey } from '../../../src/spaces/keys/device-keys.ts'
import {
  answerMac,
  helloTag,
  membershipClaim,
  readerSecret,
  spaceSecret,
} from '../../../src/spaces/sync/proofs.ts'
import { answerSession, openSession } from '../../../src/spaces/sync/session.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { letIn, tell } from '../../helpers/space-hosts.ts'
import { bytesOf, channelPair, localHost, sync } from '../../helpers/sync-hosts.ts'

const PAGE = new URL('../../../../../docs/protocol/space-sync.md', import.meta.url)
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the known answers are these, and those of the page', async () => {
  const ends = { initiator: Buffer.from('initiator'), responder: Buffer.from('responder') }
  const nonces = { initiatorNonce: filled(4), responderNonce: filled(5) }
  const reader = readerSecret(filled(2), filled(3))
  const { sign } = signingKey(filled(6))
  const answers = {
    'secret of the epoch': hex(reader),
    'secret of the space': hex(spaceSecret(filled(2))),
    tag: hex(helloTag(reader, ends, filled(4))),
    mac: hex(answerMac(reader, ends, nonces)),
    'claim of the initiator': hex(membershipClaim('initiator', filled(2), ends, nonces)),
    'signature of the initiator': hex(sign(membershipClaim('initiator', filled(2), ends, nonces))),
    'signature of the responder': hex(sign(membershipClaim('responder', filled(2), ends, nonces))),
  }
  const page = await readFile(PAGE, 'utf8')
  const rows = Object.entries(answers).map(([what, answer]) => `| ${what} | \`${answer}\` |`)
  expect(page.slice(page.indexOf('| what | hex |')).trimEnd().split('\n').slice(2)).toEqual(rows)
})

async function members(): Promise<{ space: string; anna: SpaceHost; ben: SpaceHost }> {
  const [anna, ben] = [await localHost(), await localHost()]
  const { id: space } = await anna.call('found', { name: 'holiday' })
  await letIn(space, anna, ben)
  await tell(space, anna, ben)
  return { space, anna, ben }
}

/** Says what was recorded, one message each time that it is answered. */
function replay(channel: Channel, messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const heard: Uint8Array[] = []
  const left = [...messages]
  return new Promise((resolve) => {
    const say = (): void => {
      const next = left.shift()
      if (next === undefined) channel.abort(new Error('nothing left to say'))
      else channel.send(next)
    }
    channel.receive({
      onData: (chunk) => {
        heard.push(chunk)
        say()
      },
      onClose: () => resolve(heard),
    })
    say()
  })
}

test.each([
  ['under the same peer ids, but other nonces', 'left', 'right', 68],
  ['under the peer id of somebody else', 'mallory', 'right', 0],
  ['to somebody else', 'left', 'carol', 0],
])('a handshake that was recorded is of no use %s', async (_, from, to, heardBytes) => {
  const { space, anna, ben } = await members()
  const { tap } = await sync(space, anna, ben)
  const pair = channelPair(from, to)
  const [heard, answered] = await Promise.all([
    replay(pair.left, tap.left),
    answerSession({ channel: pair.right, host: ben, seams: systemSeams, mayMeet: async () => true }).catch(
      (error: unknown) => error,
    ),
  ])
  expect(bytesOf(heard)).toBe(heardBytes)
  expect(answered).toMatchObject({ code: heardBytes === 0 ? 'ERR_SPACE_ROLE' : 'ERR_PROTOCOL' })
})

test('who stands between two members and passes on what they say is neither of them', async () => {
  const { space, anna, ben } = await members()
  const [near, far] = [channelPair('anna', 'mallory'), channelPair('mallory', 'ben')]
  const pass = (from: Channel, to: Channel): void =>
    from.receive({
      onData: (chunk) => void to.send(chunk),
      onClose: (error) => to.abort(error ?? new Error('ended')),
    })
  pass(near.right, far.left)
  pass(far.left, near.right)
  const toError = (error: unknown): unknown => error
  const seams = systemSeams
  const [opened, answered] = await Promise.all([
    openSession({ channel: near.left, host: anna, seams, spaces: [space], isKnown: true }).catch(toError),
    answerSession({ channel: far.right, host: ben, seams, mayMeet: async () => true }).catch(toError),
  ])
  expect([opened, answered]).toMatchObject([{ code: 'ERR_NO_PROVIDER' }, { code: 'ERR_SPACE_ROLE' }])
  expect(bytesOf(far.tap.right)).toBe(0)
})

test('an answer without the secret ends it before the initiator says who it is', async () => {
  const { space, anna } = await members()
  const pair = channelPair('anna', 'mallory')
  const answer = Buffer.concat([Buffer.from('02000040', 'hex'), filled(1), filled(2)])
  pair.right.receive({ onData: () => void pair.right.send(answer), onClose: () => {} })
  const init = { channel: pair.left, host: anna, seams: systemSeams, spaces: [space], isKnown: true }
  await expect(openSession(init)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' })
  expect(bytesOf(pair.tap.left)).toBe(4 + 544)
})

test('a hello to a stranger has as many tags for one space as for many, none of which is seen twice', async () => {
  const { space, anna } = await members()
  const { id: other } = await anna.call('found', { name: 'work' })
  const ends = { initiator: filled(1), responder: filled(2) }
  const hello = async (spaces: readonly string[], nonce: Uint8Array): Promise<Set<string>> => {
    const tags = Buffer.from(await anna.call('syncGreet', { spaces, ends, nonce, isKnown: false }))
    return new Set(Array.from({ length: 16 }, (_, i) => tags.toString('hex', i * 32, i * 32 + 32)))
  }
  const [one, two, again] = [
    await hello([space], filled(3)),
    await hello([space, other], filled(3)),
    await hello([space, other], filled(4)),
  ]
  for (const tags of [one, two, again]) expect(tags.size).toBe(16)
  const both = (a: Set<string>, b: Set<string>): number => [...a].filter((tag) => b.has(tag)).length
  expect(both(one, two)).toBe(1)
  expect(both(two, again)).toBe(0)
})
