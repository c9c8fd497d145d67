/**
 * A peer that speaks docs/protocol/transfer.md, written from that document alone, without a line of Shoal's own: the
 * proof that the protocol can be implemented from its specification. Left alone it is honest in both roles; a `Lie`
 * changes what it says. It needs no key: who knows the root can serve.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { decode, encode, type CID } from '../../packages/node/test/helpers/ipld.ts'
import type { PeerId, Stream } from '../../packages/node/test/helpers/libp2p.ts'

const PROTOCOL = '/shoal/transfer/1.0.0'
const MANY = { maxInboundStreams: 10_000, maxOutboundStreams: 10_000 }
/** Messages kept for `answer`; older ones are forgotten. */
const KEPT = 2_048

/** A header and its payload, whose length is `n` unless that is given. */
export type Message = { t: string; payload?: Uint8Array; [field: string]: unknown }

export interface Lie {
  /** What goes out in place of a message that an honest peer would send; bytes go out as they are. */
  readonly say?: (message: Message, talk: Talk) => readonly (Message | Uint8Array)[]
  /** Runs once both sides have proved that they know the root, before anything that the peer says is read. */
  readonly opened?: (talk: Talk) => Promise<unknown>
  readonly bytesPerSecond?: number
}

export interface Content {
  readonly root: CID
  /** By CID as text: the root, pages or UnixFS nodes, and the leaves of public content. */
  readonly nodes: Map<string, Uint8Array>
  readonly blocks: Uint8Array[]
}

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

export function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
}

/** The value and where it ends; undefined while bytes are missing. */
export function readVarint(bytes: Uint8Array, from = 0): [value: number, end: number] | undefined {
  for (let [at, value] = [from, 0]; at < bytes.length; at++) {
    value |= ((bytes[at] as number) & 127) << (7 * (at - from))
    if ((bytes[at] as number) < 128) return [value, at + 1]
  }
  return undefined
}

export function frame({ payload, ...header }: Message): Uint8Array {
  const fields = encode(payload === undefined ? header : { n: payload.length, ...header })
  return Buffer.concat([Buffer.from(varint(fields.length)), fields, payload ?? Buffer.alloc(0)])
}

async function* frames(stream: Stream): AsyncGenerator<Message, undefined> {
  let [chunks, length, needed]: [Uint8Array[], number, number] = [[], 0, 1]
  for await (const chunk of stream) {
    chunks.push(chunk.subarray())
    length += chunk.byteLength
    while (length >= needed) {
      const held = Buffer.concat(chunks)
      const [h, start] = readVarint(held) ?? [1, length]
      needed = start + h
      if (length < needed) break
      const header = decode<Message>(held.subarray(start, start + h))
      needed += Number(header['n'] ?? 0)
      if (length < needed) break
      yield { ...header, payload: held.subarray(start + h, needed) }
      ;[chunks, length, needed] = [[held.subarray(needed)], length - needed, 1]
    }
  }
}

function answerTo(t: string, asked: { i: number } | { c: CID }, payload: Uint8Array | undefined): Message {
  return payload === undefined ? { t: 'no', ...asked, why: 'missing' } : { t, ...asked, payload }
}

/** One session: `role` 0 opened it, 1 answers. `first` is the peer's hello, or what it said instead. */
export class Talk {
  isEnded = false
  blocksSent = 0
  first: Message | undefined
  readonly nonces: [Uint8Array, Uint8Array] = [randomBytes(32), randomBytes(32)]
  readonly stream: Stream
  readonly content: Content
  readonly ended: Promise<unknown>
  readonly #lie: Lie
  readonly #ids: readonly Uint8Array[]
  readonly #received: Message[] = []
  #queue: Message[] = []
  #answering = Promise.resolve()
  #wake = (): void => {}

  constructor(stream: Stream, content: Content, lie: Lie, peers: readonly PeerId[], role: 0 | 1) {
    this.stream = stream
    this.content = content
    this.#lie = lie
    this.#ids = peers.map((peer) => peer.toMultihash().bytes)
    const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
    const run = this.#run(role).then(
      () => stream.close(),
      (error: Error) => stream.abort(error),
    )
    this.ended = Promise.race([run, closed]).then(() => {
      this.isEnded = true
      this.#wake()
    })
  }

  async say(message: Message): Promise<void> {
    for (const each of this.#lie.say?.(message, this) ?? [message]) {
      await this.send(each instanceof Uint8Array ? each : frame(each))
      if (!(each instanceof Uint8Array) && each.t === 'block') this.blocksSent++
    }
  }

  async send(bytes: Uint8Array): Promise<void> {
    const { bytesPerSecond = Infinity } = this.#lie
    const step = Math.ceil(Math.min(bytes.length, bytesPerSecond / 10))
    for (let at = 0; at < bytes.length; at += step) {
      if (!this.stream.send(bytes.subarray(at, at + step))) await this.stream.onDrain()
      if (bytesPerSecond < Infinity) await delay((step / bytesPerSecond) * 1_000)
    }
  }

  /** Takes the next message that `isIt`. */
  async answer(isIt: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const at = this.#received.findIndex(isIt)
      if (at >= 0) return this.#received.splice(at, 1)[0] as Message
      if (this.isEnded) throw new Error('the session ended before the answer')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  mac(role: number): Buffer {
    const parts = [[role], ...this.nonces, ...this.#ids.flatMap((id) => [[id.length], id])]
    const hmac = createHmac('sha256', this.content.root.bytes)
    return hmac.update(Buffer.from(parts.flatMap((part) => [...part]))).digest()
  }

  async #run(role: 0 | 1): Promise<void> {
    const { root, nodes, blocks } = this.content
    const messages = frames(this.stream)
    const pk = sha256(Buffer.concat([Buffer.from('shoal/provide/1'), root.bytes]))
    const hello = { t: 'hello', v: 1, pk, nonce: this.nonces[role] }
    if (role === 0) await this.say(hello)
    this.first = (await messages.next()).value
    if (this.first?.t !== 'hello') return
    this.nonces[1 - role] = this.first['nonce'] as Uint8Array
    const isKnown = role === 0 || pk.equals(this.first['pk'] as Uint8Array)
    if (!isKnown) return this.say({ t: 'bye', why: 'unknown' })
    await this.say(role === 0 ? { t: 'proof', mac: this.mac(0) } : { ...hello, mac: this.mac(1) })
    const proof = role === 0 ? this.first : (await messages.next()).value
    if (!this.mac(1 - role).equals(proof?.['mac'] as Uint8Array)) throw new Error('a false proof')
    if (blocks.length > 0) await this.say({ t: 'have', all: true, total: blocks.length })
    await this.#lie.opened?.(this)
    for await (const message of messages) {
      const { t, i, c } = message as { t: string; i: number[]; c: CID[] }
      if (t === 'want') this.#queue.push(...i.map((n) => answerTo('block', { i: n }, blocks[n])))
      else if (t === 'get')
        this.#queue.push(...c.map((cid) => answerTo('cid', { c: cid }, nodes.get(String(cid)))))
      else if (t === 'cancel') this.#queue = this.#queue.filter((each) => !i.includes(each['i'] as number))
      else if (this.#received.push(message) > KEPT) this.#received.shift()
      this.#wake()
      this.#answering = this.#answering.then(() => this.#answerAll()).catch(() => {})
    }
  }

  async #answerAll(): Promise<void> {
    for (let next; (next = this.#queue.shift());) await this.say(next)
  }
}

export type HostilePeer = Awaited<ReturnType<typeof startHostilePeer>>

/** Listens on loopback and serves `content` with `lie`; `dial` asks. */
export async function startHostilePeer(content: Content, lie: Lie = {}) {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  })
  const talks: Talk[] = []
  const answer = (stream: Stream, { remotePeer }: { remotePeer: PeerId }): void =>
    void talks.push(new Talk(stream, content, lie, [remotePeer, libp2p.peerId], 1))
  await libp2p.handle(PROTOCOL, answer, MANY)
  const dial = async (address: string, about: Content, told: Lie = {}): Promise<Talk> => {
    const connection = await libp2p.dial(multiaddr(address))
    const stream = await connection.newStream(PROTOCOL, MANY)
    return new Talk(stream, about, told, [libp2p.peerId, connection.remotePeer], 0)
  }
  return { address: String(libp2p.getMultiaddrs()[0]), talks, dial, stop: async () => libp2p.stop() }
}
