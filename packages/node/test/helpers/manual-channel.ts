/** A channel whose other end is the test itself, one frame at a time. */
import type { CID } from 'multiformats/cid'
import { providerDigest } from '../../src/content/cid.ts'
import { isShoalError } from '../../src/errors.ts'
import type { Channel, ChannelHandler } from '../../src/network/channel.ts'
import { FrameDecoder, encodeFrame } from '../../src/transfer/wire/frames.ts'
import { proofOf } from '../../src/transfer/wire/proofs.ts'
import type { Message } from '../../src/transfer/wire/messages.ts'

const NONCE = new Uint8Array(32).fill(4)

export class ManualChannel implements Channel {
  readonly localId: Uint8Array
  readonly remoteId: Uint8Array
  readonly remoteName: string
  readonly sent: Message[] = []
  readonly payloads: Uint8Array[] = []
  /** Set to keep who sends waiting. */
  blocked: PromiseWithResolvers<void> | undefined
  closed = false
  aborted: Error | undefined
  #handler: ChannelHandler | undefined
  readonly #decoder = new FrameDecoder({
    onHeader: () => new Uint8Array(1_048_576),
    onFrame: (message, payload) => {
      this.sent.push(message)
      if ('n' in message && payload !== undefined) this.payloads.push(payload.slice())
    },
  })

  constructor(local = 'node', remote = 'peer') {
    this.localId = Buffer.from(local)
    this.remoteId = Buffer.from(remote)
    this.remoteName = remote
  }

  receive(handler: ChannelHandler): void {
    this.#handler = handler
  }

  send(bytes: Uint8Array): boolean {
    this.#decoder.push(bytes)
    return this.blocked === undefined
  }

  async drained(): Promise<void> {
    await this.blocked?.promise
  }

  async close(): Promise<void> {
    this.closed = true
  }

  abort(error: Error): void {
    this.aborted = error
    this.#handler?.onClose(error)
  }

  get abortCode(): string | undefined {
    return isShoalError(this.aborted) ? this.aborted.code : undefined
  }

  say(message: Message, payload = new Uint8Array()): void {
    this.#handler?.onData(Buffer.concat([encodeFrame(message), payload]))
  }

  /** Messages of a type that were sent. */
  all<T extends Message['t']>(t: T): Extract<Message, { t: T }>[] {
    return this.sent.filter((message) => message.t === t) as Extract<Message, { t: T }>[]
  }

  last<T extends Message['t']>(t: T): Extract<Message, { t: T }> {
    return this.all(t).at(-1) as Extract<Message, { t: T }>
  }

  /** Opens a session as the peer that opened the stream. */
  openAsOpener(root: CID): void {
    this.say({ t: 'hello', v: 1, pk: providerDigest(root), nonce: NONCE })
    const facts = {
      root,
      openerNonce: NONCE,
      answererNonce: this.last('hello').nonce,
      openerId: this.remoteId,
      answererId: this.localId,
    }
    this.say({ t: 'proof', mac: proofOf('opener', facts) })
  }

  /** Answers a session that the node opened. */
  openAsAnswerer(root: CID): void {
    const facts = {
      root,
      openerNonce: this.last('hello').nonce,
      answererNonce: NONCE,
      openerId: this.localId,
      answererId: this.remoteId,
    }
    const mac = proofOf('answerer', facts)
    this.say({ t: 'hello', v: 1, pk: providerDigest(root), nonce: NONCE, mac })
  }
}
