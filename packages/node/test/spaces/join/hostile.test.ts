/** What a device can do that says whatever it likes: as one that asks, as one that lets in, and as one between. */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Channel } from '../../../src/network/channel.ts'
import { AdmitterComparison } from '../../../src/spaces/invites/comparison.ts'
import { parseInvite } from '../../../src/spaces/invites/invite-link.ts'
import { inviteKey } from '../../../src/spaces/invites/join-proof.ts'
import { findKey, streamKeys } from '../../../src/spaces/join/join-keys.ts'
import { JoinStream } from '../../../src/spaces/join/join-stream.ts'
import { MAX_ASKED_BYTES, MAX_UNPROVEN, MAX_UNPROVEN_PER_PEER } from '../../../src/spaces/join/limits.ts'
import type { JoinMessage } from '../../../src/spaces/join/messages.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { channelPair, device, Lines, peerOf, type Device } from '../../helpers/joining.ts'

const { random, timers } = systemSeams
const EVE = 66
const malformed = expect.objectContaining({ code: 'ERR_PROTOCOL' })
const gone = expect.objectContaining({ code: 'ERR_NO_PROVIDER' })

async function found(lines: Lines, number = 1): Promise<{ anna: Device; space: string }> {
  const anna = await device(lines, number)
  return { anna, space: (await anna.host.call('found', { name: 'Holiday' })).id }
}

function streamOf(channel: Channel): JoinStream {
  const stream = new JoinStream({ channel, timers, mostBytes: 1_000_000 })
  onTestFinished(() => stream.abort(new Error('over')))
  return stream
}

/** Begins as one that has a link, up to where it would prove it. */
async function begun(lines: Lines, to: Device, link: string, from = EVE) {
  const stream = streamOf(lines.open(peerOf(from), to.peerId))
  const invite = parseInvite(link)
  const invitePublicKey = inviteKey(invite).publicKey
  const joinerNonce = random.bytes(32)
  const { space } = invite
  await stream.send({ t: 'ask', v: 1, find: findKey(invitePublicKey, space), nonce: joinerNonce })
  const given = await stream.next(['nonce'])
  const admitterNonce = given?.nonce as Uint8Array
  const parties = { joiner: peerOf(from), admitter: to.peerId }
  stream.seal(streamKeys({ space, invitePublicKey, ...parties, joinerNonce, admitterNonce }, 'joiner'))
  return { stream, nonce: admitterNonce, parties }
}

type Prove = Extract<JoinMessage, { t: 'prove' }>

/** As a device of its own would prove it, with whatever is to be different. */
async function proven(eve: Device, link: string, asked: Awaited<ReturnType<typeof begun>>, more = {}) {
  const claim = await eve.host.call('proveJoin', { link, nonce: asked.nonce, ...asked.parties })
  const message: Prove = { t: 'prove', ...claim, commitment: random.bytes(32), name: 'Eve', ...more }
  await asked.stream.send(message)
  return message
}

test('who has no invitation hears the same from a device whether it has the space or not', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const nobody = await device(lines, 2)
  const { link } = await anna.invite(space)
  const { space: id } = parseInvite(link)
  for (const { peerId } of [anna, nobody]) {
    for (const find of [random.bytes(32), findKey(inviteKey(parseInvite(link)).publicKey, id)]) {
      const stream = streamOf(lines.open(peerOf(EVE), peerId))
      await stream.send({ t: 'ask', v: 1, find, nonce: random.bytes(32) })
      expect(await stream.next(['nonce'])).toMatchObject({ t: 'nonce' })
      // Sealed by what is not the key.
      stream.seal({ seals: random.bytes(32), opens: random.bytes(32) })
      await stream.send({ t: 'taken' })
      expect(await stream.next(['compare'])).toBeUndefined()
      await expect(stream.next(['compare'])).rejects.toThrow(gone)
    }
  }
  expect(await anna.service.requests(space)).toEqual([])
})

test('a proof for another connection, another device or another key is none', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const eve = await device(lines, EVE)
  const { link } = await anna.invite(space)
  const first = await begun(lines, anna, link)
  const said = await proven(eve, link, first)
  expect(await first.stream.next(['compare'])).toBeDefined()
  // Said again where another nonce was given, also sealed well.
  const again = await begun(lines, anna, link)
  await again.stream.send(said)
  expect(await again.stream.next(['compare'])).toBeUndefined()
  for (const more of [
    { author: random.bytes(32) },
    { sealing: random.bytes(32) },
    { byInvite: said.byAuthor },
  ]) {
    const other = await begun(lines, anna, link)
    await proven(eve, link, other, more)
    expect(await other.stream.next(['compare'])).toBeUndefined()
  }
  const fromOther = await begun(lines, anna, link)
  await proven(eve, link, { ...fromOther, parties: { ...fromOther.parties, joiner: peerOf(67) } })
  expect(await fromOther.stream.next(['compare'])).toBeUndefined()
  expect(await anna.service.requests(space)).toEqual([])
})

test('who changes what it committed to is ended, and that is counted', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const eve = await device(lines, EVE)
  const { link } = await anna.invite(space)
  for (let i = 0; i < 3; i++) {
    const asked = await begun(lines, anna, link)
    await proven(eve, link, asked)
    expect(await asked.stream.next(['compare'])).toBeDefined()
    await asked.stream.send({ t: 'reveal', nonce: random.bytes(32) })
    await expect(asked.stream.next(['welcome'])).rejects.toThrow(gone)
  }
  expect(anna.warnings.map(({ code }) => code)).toEqual(['WARN_INVITE_SUSPECT'])
  expect(await anna.service.requests(space)).toEqual([])
})

test('what is said out of order ends it, and no log is given', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const eve = await device(lines, EVE)
  const { link } = await anna.invite(space)
  const asked = await begun(lines, anna, link)
  await asked.stream.send({ t: 'more', from: 0 })
  expect(await asked.stream.next(['page'])).toBeUndefined()
  const compared = await begun(lines, anna, link)
  await proven(eve, link, compared)
  await compared.stream.next(['compare'])
  await compared.stream.send({ t: 'more', from: 0 })
  await expect(compared.stream.next(['page'])).rejects.toThrow(gone)
  const stream = streamOf(lines.open(peerOf(EVE), anna.peerId))
  await stream.send({ t: 'taken' })
  await expect(stream.next(['nonce'])).rejects.toThrow(gone)
  const newer = streamOf(lines.open(peerOf(EVE), anna.peerId))
  await newer.send({ t: 'ask', v: 2, find: random.bytes(32), nonce: random.bytes(32) })
  expect(await newer.next(['nonce'])).toBeUndefined()
})

test('who is let in at once can hand back no more than a use of the invitation', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const eve = await device(lines, EVE)
  const { link } = await anna.invite(space, { instant: true })
  for (const frames of [[random.bytes(60_000)], [random.bytes(10)]]) {
    const asked = await begun(lines, anna, link)
    await proven(eve, link, asked)
    expect(await asked.stream.next(['welcome'])).toMatchObject({ redeem: true })
    await asked.stream.send({ t: 'redeemed', frames })
    if (frames[0]?.byteLength === 10) expect(await asked.stream.next(['no'])).toMatchObject({ why: 'over' })
    else await expect(asked.stream.next(['no'])).rejects.toThrow(gone)
  }
  expect(await anna.host.call('members', { space })).toHaveLength(1)
})

test('more than may be said at once, or waits to be read, ends it', async () => {
  const lines = new Lines()
  const { anna } = await found(lines)
  for (const length of [MAX_ASKED_BYTES + 1, 0xffffffff]) {
    const channel = lines.open(peerOf(EVE), anna.peerId)
    const ended = Promise.withResolvers<Error | undefined>()
    channel.receive({ onData: () => {}, onClose: ended.resolve })
    const head = Buffer.alloc(4)
    head.writeUInt32BE(length)
    channel.send(head)
    expect(await ended.promise).toMatchObject({ code: 'ERR_PROTOCOL' })
  }
  const channel = lines.open(peerOf(EVE), anna.peerId)
  const ended = Promise.withResolvers<Error | undefined>()
  channel.receive({ onData: () => {}, onClose: ended.resolve })
  const head = Buffer.alloc(4)
  head.writeUInt32BE(100)
  channel.send(head)
  channel.send(new Uint8Array(MAX_ASKED_BYTES + 1))
  expect(await ended.promise).toMatchObject({ code: 'ERR_PROTOCOL' })
})

test('of those who prove nothing a number are heard, and one device cannot take all places', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const { link } = await anna.invite(space)
  const ofEve = Array.from({ length: 3 * MAX_UNPROVEN_PER_PEER }, () =>
    streamOf(lines.open(peerOf(EVE), anna.peerId)),
  )
  expect(ofEve.filter(({ isOver }) => !isOver)).toEqual(ofEve.slice(-MAX_UNPROVEN_PER_PEER))
  const others = Array.from({ length: 2 * MAX_UNPROVEN }, (_, i) =>
    streamOf(lines.open(peerOf(100 + i), anna.peerId)),
  )
  expect(others.filter(({ isOver }) => !isOver)).toEqual(others.slice(-MAX_UNPROVEN))
  // Whoever is quick is heard all the same.
  const ben = (await device(lines, 2)).join(link)
  await vi.waitFor(() => expect(ben.codes()).toHaveLength(1))
})

/** Answers as one that lets in and has the link: `says` is what it does once the device has proved it. */
function admitting(
  lines: Lines,
  link: string,
  says: (stream: JoinStream, prove: Prove) => Promise<void>,
): void {
  lines.answer(peerOf(EVE), (channel) => {
    void (async () => {
      const stream = streamOf(channel)
      const ask = await stream.next(['ask'])
      const admitterNonce = random.bytes(32)
      await stream.send({ t: 'nonce', nonce: admitterNonce })
      const invite = parseInvite(link)
      const facts = {
        space: invite.space,
        invitePublicKey: inviteKey(invite).publicKey,
        joiner: channel.remoteName,
        admitter: peerOf(EVE),
        joinerNonce: ask?.nonce as Uint8Array,
        admitterNonce,
      }
      const prove = await stream.nextSealed(streamKeys(facts, 'admitter'), 'prove')
      await says(stream, prove as Prove)
    })().catch(() => {})
  })
}

/** A link with the hints of another: whoever passes it on can write there what it likes. */
function asking(link: string, hints: string): string {
  return `${link.split('.')[0]}.${hints.split('.')[1]}`
}

test('a log of another space, of none, or in which the device is not, is not kept', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const { link } = await anna.invite(space)
  const eve = await device(lines, EVE)
  const own = (await eve.host.call('found', { name: 'Trap' })).id
  const ben = await device(lines, 2)
  const logs = [
    await eve.host.call('authFrames', { space: own, ids: undefined }),
    await anna.host.call('authFrames', { space, ids: undefined }),
    [random.bytes(200), new Uint8Array()],
    [],
  ]
  const toEve = asking(link, (await eve.invite(own)).link)
  for (const frames of logs) {
    admitting(lines, link, async (stream) => {
      await stream.send({ t: 'welcome', redeem: false })
      await stream.next(['more'])
      await stream.send({ t: 'page', total: frames.length, frames })
    })
    await expect(ben.join(toEve).done).rejects.toThrow(malformed)
    expect(await ben.host.call('list', {})).toEqual([])
    expect(await ben.host.call('keep', { space })).toBe(true)
    await ben.host.call('discard', { space })
  }
})

test('a log without end is ended', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const { link } = await anna.invite(space)
  const eve = await device(lines, EVE)
  const toEve = asking(link, (await eve.invite((await eve.host.call('found', { name: 'Trap' })).id)).link)
  const frames = Array.from({ length: 4_096 }, () => new Uint8Array())
  let pages = 0
  admitting(lines, link, async (stream) => {
    await stream.send({ t: 'welcome', redeem: false })
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- As it is asked.
      await stream.next(['more'])
      pages++
      // oxlint-disable-next-line no-await-in-loop -- As it is asked.
      await stream.send({ t: 'page', total: 1_000_000_000, frames })
    }
  })
  const ben = await device(lines, 2)
  await expect(ben.join(toEve).done).rejects.toMatchObject({ code: 'ERR_LIMIT' })
  expect(pages).toBe(114_688 / 4_096 + 1)
})

test('who stands between and has the link makes both sides show other codes, and gets no key', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const { link } = await anna.invite(space)
  const eve = await device(lines, EVE)
  const toEve = asking(link, (await eve.invite((await eve.host.call('found', { name: 'Trap' })).id)).link)
  // To Ben it is who lets in; to Anna it is who asks, as itself: it can prove nothing for Ben.
  admitting(lines, link, async (stream, prove) => {
    const own = { author: random.bytes(32), sealing: random.bytes(32), peerId: eve.peerId }
    const comparison = new AdmitterComparison({
      space: parseInvite(link).space,
      own,
      nonce: random.bytes(32),
    })
    const joiner = { author: prove.author, sealing: prove.sealing, peerId: peerOf(2) }
    const nonce = comparison.answer(prove.commitment, joiner)
    await stream.send({ t: 'compare', author: own.author, sealing: own.sealing, nonce })
    const reveal = await stream.next(['reveal'])
    comparison.check(reveal?.nonce as Uint8Array)
    await stream.next(['taken'], Infinity)
  })
  const ben = (await device(lines, 2)).join(toEve)
  const asEve = eve.join(link, { name: "Ben's laptop" })
  await vi.waitFor(() =>
    expect([ben.codes(), asEve.codes()]).toEqual([[expect.any(String)], [expect.any(String)]]),
  )
  const [request] = await anna.service.requests(space)
  expect(request?.code).toBe(asEve.codes()[0])
  expect(request?.code).not.toBe(ben.codes()[0])
  await anna.service.refuse(space, request?.id as string)
  await expect(asEve.done).rejects.toMatchObject({ code: 'ERR_INVITE_OVER' })
  expect(await eve.roleIn(space)).toBeUndefined()
  expect(await anna.host.call('members', { space })).toHaveLength(1)
})

test('a device without the link that is asked learns nothing of who asks', async () => {
  const lines = new Lines()
  const { anna, space } = await found(lines)
  const { link } = await anna.invite(space)
  const eve = await device(lines, EVE)
  const toEve = asking(link, (await eve.invite((await eve.host.call('found', { name: 'Trap' })).id)).link)
  const seen: Uint8Array[] = []
  lines.answer(peerOf(EVE), (channel) => {
    channel.receive({
      onData: (chunk) => {
        seen.push(chunk)
        if (seen.length > 1) return
        const [ours, theirs] = channelPair(peerOf(1), peerOf(2))
        const nonce: Uint8Array[] = []
        theirs.receive({ onData: (bytes) => void nonce.push(bytes), onClose: () => {} })
        void streamOf(ours).send({ t: 'nonce', nonce: random.bytes(32) })
        void vi.waitFor(() => expect(nonce).toHaveLength(1)).then(() => channel.send(nonce[0] as Uint8Array))
      },
      onClose: () => {},
    })
  })
  const ends = new AbortController()
  const ben = await device(lines, 2)
  const joining = ben.join(toEve, { signal: ends.signal, name: 'needle-in-a-haystack' })
  await vi.waitFor(() => expect(seen).toHaveLength(2))
  ends.abort(new Error('enough'))
  await expect(joining.done).rejects.toThrow('enough')
  const nonce = random.bytes(32)
  const { author } = await ben.host.call('proveJoin', {
    link,
    nonce,
    joiner: ben.peerId,
    admitter: eve.peerId,
  })
  const all = Buffer.concat(seen)
  for (const needle of [Buffer.from('needle'), author, parseInvite(link).space, parseInvite(link).seed])
    expect(all.includes(Buffer.from(needle))).toBe(false)
  expect(all.includes(Buffer.from(inviteKey(parseInvite(link)).publicKey))).toBe(false)
})
