/** Devices with spaces in this thread, and sessions between them over channels in memory. */
import { onTestFinished } from 'vitest'
import type { Channel } from '../../src/network/channel.ts'
import { memoryChannels } from '../../src/network/memory-channel.ts'
import { decodeBatch, encodeBatch } from '../../src/spaces/catalogue/batch.ts'
import { HomeSpaces } from '../../src/spaces/host/home-spaces.ts'
import { runCall } from '../../src/spaces/host/space-calls.ts'
import { SpaceHost } from '../../src/spaces/host/space-host.ts'
import { answerSession, openSession, type SessionResult } from '../../src/spaces/sync/session.ts'
import { systemSeams } from '../../src/util/system.ts'
import { content, digest } from './catalogue.ts'
import { newHome } from './space-hosts.ts'

const HOMES = new WeakMap<SpaceHost, HomeSpaces>()
const PAGE = 500

/** Writes batches into an empty catalogue, one after the other, without ending each on the disk. */
export async function writeMany(host: SpaceHost, id: string, count: number): Promise<void> {
  const space = await (HOMES.get(host) as HomeSpaces).get(id)
  const { publicKey: author, sign } = space.device.author
  const authHeads = space.parts.auth.log.heads.map((head) => Buffer.from(head, 'hex'))
  const { wrappedKey: _, epoch: __, ...facts } = content('a share')
  const put = space.contentOf({ ...facts, key: digest('its key') })
  const frames: Uint8Array[] = []
  let parents: Uint8Array[] = []
  for (let lamport = 1; lamport <= count; lamport++) {
    const operations = [{ kind: 'put', path: `${lamport}`, content: put }] as const
    const frame = encodeBatch({ space: space.id, author, lamport, parents, authHeads, operations }, sign)
    parents = [decodeBatch(frame).id]
    frames.push(frame)
  }
  for (let at = 0; at < count; at += PAGE) space.takeBatches(frames.slice(at, at + PAGE))
}

/** A host of spaces without a thread: a test makes many. */
export async function localHost(): Promise<SpaceHost> {
  const spaces = new HomeSpaces({ home: await newHome(), ...systemSeams })
  const host = new SpaceHost({ run: (call) => runCall(spaces, call), close: async () => {} })
  HOMES.set(host, spaces)
  onTestFinished(() => host.close())
  return host
}

/** What went through a channel, by who sent it. */
export interface Tap {
  readonly left: Uint8Array[]
  readonly right: Uint8Array[]
}

/** Both ends of one channel, between devices of these names. */
export function channelPair(left: string, right: string): { left: Channel; right: Channel; tap: Tap } {
  const ends = memoryChannels(Buffer.from(left), left)
  const tap: Tap = { left: [], right: [] }
  const endOf = (end: Channel, own: string, other: string, sent: Uint8Array[]): Channel => {
    const send = end.send.bind(end)
    return Object.assign(end, {
      localId: Buffer.from(own),
      remoteId: Buffer.from(other),
      remoteName: other,
      send: (bytes: Uint8Array) => {
        sent.push(bytes)
        return send(bytes)
      },
    })
  }
  return { left: endOf(ends[0], left, right, tap.left), right: endOf(ends[1], right, left, tap.right), tap }
}

export interface SyncOptions {
  readonly isKnown?: boolean
  readonly spaces?: readonly string[]
  readonly mayMeet?: (space: string) => Promise<boolean>
}

/** One session that `left` begins. Rejects as that of `left` does; `answered` is what became of the other side's. */
export async function sync(
  space: string,
  left: SpaceHost,
  right: SpaceHost,
  { isKnown = true, spaces = [space], mayMeet = async () => true }: SyncOptions = {},
): Promise<{ opened: SessionResult | Error; answered: SessionResult | Error; tap: Tap }> {
  const pair = channelPair('left', 'right')
  const seams = systemSeams
  const toError = (error: unknown): Error => error as Error
  const [opened, answered] = await Promise.all([
    openSession({ channel: pair.left, host: left, seams, spaces, isKnown }).catch(toError),
    answerSession({ channel: pair.right, host: right, seams, mayMeet }).catch(toError),
  ])
  return { opened, answered, tap: pair.tap }
}

export const bytesOf = (messages: readonly Uint8Array[]): number =>
  messages.reduce((sum, { byteLength }) => sum + byteLength, 0)
