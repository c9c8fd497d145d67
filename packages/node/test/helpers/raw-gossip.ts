/** A stranger that speaks the protocol of gossip by itself, and says whatever a test likes. */
import { noise } from '@chainsafe/libp2p-noise'
import { RPC } from '@libp2p/gossipsub/message'
import { identify } from '@libp2p/identify'
import type { Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { quietLogger } from '../../src/network/quiet-logger.ts'
import { framed } from './dht-messages.ts'

const PROTOCOL = '/meshsub/1.2.0'

export class RawGossiper {
  /** What it was told, frame by frame, as it came. */
  readonly heard: Uint8Array[] = []
  readonly #libp2p: Libp2p
  #stream: Stream | undefined

  private constructor(libp2p: Libp2p) {
    this.#libp2p = libp2p
  }

  static async start(): Promise<RawGossiper> {
    const libp2p = await createLibp2p({
      logger: quietLogger,
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      services: { identify: identify() },
    })
    const raw = new RawGossiper(libp2p)
    await libp2p.handle(PROTOCOL, (stream) => {
      stream.addEventListener('message', ({ data }) => raw.heard.push(data.subarray()))
    })
    return raw
  }

  get peerId(): string {
    return this.#libp2p.peerId.toString()
  }

  get isOpen(): boolean {
    return this.#stream?.status === 'open' && this.#stream.remoteReadStatus !== 'closed'
  }

  async dial(address: string): Promise<void> {
    const connection = await this.#libp2p.dial(multiaddr(address))
    this.#stream = await connection.newStream(PROTOCOL)
  }

  /** Says to be in topics, and asks for what is said there. */
  enter(...topics: string[]): void {
    this.say({ subscriptions: topics.map((topic) => ({ topic, subscribe: true })) })
    this.say({ control: { graft: topics.map((topicID) => ({ topicID })) } })
  }

  /** False: it was not taken, since the stream ended. */
  say(rpc: {
    subscriptions?: RPC.SubOpts[]
    messages?: RPC.Message[]
    control?: Partial<RPC.ControlMessage>
  }): boolean {
    const none = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] }
    const { subscriptions = [], messages = [], control } = rpc
    const whole: RPC = { subscriptions, messages, ...(control && { control: { ...none, ...control } }) }
    return this.sayBytes(framed(RPC.encode(whole)))
  }

  sayBytes(bytes: Uint8Array): boolean {
    try {
      this.#stream?.send(bytes)
      return this.isOpen
    } catch {
      return false
    }
  }

  /** As much as it can, until what it says is taken. */
  async drained(): Promise<void> {
    const stream = this.#stream
    if (stream?.writableNeedsDrain === true) await stream.onDrain().catch(() => {})
  }

  async stop(): Promise<void> {
    await this.#libp2p.stop()
  }
}
