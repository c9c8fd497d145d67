/** A host that speaks further protocols besides that of transfer, with two real nodes on loopback. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { expect, onTestFinished, test } from 'vitest'
import type { Channel } from '../../src/network/channel.ts'
import type { Host } from '../../src/network/host.ts'
import { startLoneHost } from '../helpers/host.ts'

const OTHER = '/shoal/test-other/1'

interface Started {
  readonly host: Host
  /** What others opened for transfer. */
  readonly transfers: Channel[]
}

async function start(): Promise<Started> {
  const transfers: Channel[] = []
  const host = await startLoneHost({
    privateKey: (await generateKeyPair('Ed25519')).raw,
    onChannel: (channel) => transfers.push(channel),
  })
  onTestFinished(() => host.stop())
  return { host, transfers }
}

function textFrom(channel: Channel): Promise<string> {
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    channel.receive({
      onData: (chunk) => void chunks.push(Buffer.from(chunk)),
      onClose: (error) => (error === undefined ? resolve(Buffer.concat(chunks).toString()) : reject(error)),
    })
  })
}

test('a stream of a further protocol reaches what answers that one, and no other', async () => {
  const [first, second] = [await start(), await start()]
  const answered = Promise.withResolvers<string>()
  await second.host.speak(OTHER, (channel) => answered.resolve(textFrom(channel)))
  const channel = await first.host.dial(second.host.addresses(), undefined, 'named', OTHER)
  channel.send(Buffer.from('to the other'))
  await channel.close()
  expect(await answered.promise).toBe('to the other')
  expect(second.transfers).toEqual([])
})

test('a stream to a peer that is connected needs no address', async () => {
  const [first, second] = [await start(), await start()]
  const answered = Promise.withResolvers<string>()
  await first.host.speak(OTHER, (channel) => answered.resolve(textFrom(channel)))
  await expect(second.host.open(first.host.peerId, OTHER)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  await first.host.dial(second.host.addresses(), undefined, 'named')
  const channel = await second.host.open(first.host.peerId, OTHER)
  expect(channel.remoteName).toBe(first.host.peerId)
  channel.send(Buffer.from('back'))
  await channel.close()
  expect(await answered.promise).toBe('back')
})

test('a peer that does not speak it is told apart from one that is not there', async () => {
  const [first, second] = [await start(), await start()]
  await first.host.dial(second.host.addresses(), undefined, 'named')
  await expect(first.host.open(second.host.peerId, OTHER)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})

test('what is spoken already is refused, and a host that stops ends its streams', async () => {
  const [first, second] = [await start(), await start()]
  const given = Promise.withResolvers<Channel>()
  await second.host.speak(OTHER, given.resolve)
  await expect(second.host.speak(OTHER, () => {})).rejects.toThrow(OTHER)
  const channel = await first.host.dial(second.host.addresses(), undefined, 'named', OTHER)
  const ended = textFrom(channel)
  ended.catch(() => {})
  channel.send(Buffer.from('x'))
  await given.promise
  await second.host.stop()
  // Reset or closed, as the race of both on one connection has it; without an end this waits for ever.
  await Promise.allSettled([ended])
  await expect(first.host.open(second.host.peerId, OTHER)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})
