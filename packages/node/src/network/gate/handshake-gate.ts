/** Bounds both negotiations of an inbound connection: for its encryption, and for its muxer. */
import type {
  ConnectionEncrypter,
  ConnectionProtector,
  MessageStream,
  MultiaddrConnection,
} from '@libp2p/interface'
import type { NetworkLimits } from '../limits.ts'
import { guardNegotiation, NegotiationGuard } from './negotiation-guard.ts'

export class HandshakeGate {
  readonly #limits: NetworkLimits
  readonly #encrypters = new Set<string>()
  readonly #muxers: readonly string[]
  /** A network key scrambles what a connection carries: the negotiation is inside. */
  #hasProtector = false

  /** @param muxers protocols of the muxers that this node speaks */
  constructor(limits: NetworkLimits, muxers: readonly string[]) {
    this.#limits = limits
    this.#muxers = muxers
  }

  /** Called before a byte of the connection is read. */
  begin(socket: MultiaddrConnection): void {
    if (!this.#hasProtector) this.#guardSecuring(socket)
  }

  /** What asks for the network key, in front of the negotiation. */
  guardProtector<T extends ConnectionProtector>(protector: T): T {
    this.#hasProtector = true
    const protect = protector.protect.bind(protector)
    protector.protect = async (connection, options) => {
      const stream = await protect(connection, options)
      stream.maxWriteBufferLength = this.#limits.maxConnectionBufferBytes
      if (connection.direction === 'inbound') this.#guardSecuring(stream)
      return stream
    }
    return protector
  }

  /** The encrypter, bounding what comes right behind its handshake. */
  guard<T extends ConnectionEncrypter>(encrypter: T): T {
    this.#encrypters.add(encrypter.protocol)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    encrypter.secureInbound = async (connection, options) => {
      const secured = await secureInbound(connection, options)
      // The muxer was agreed on in the handshake: no negotiation follows.
      if (secured.streamMuxer !== undefined) return secured
      const isSpoken = (protocol: string): boolean => this.#muxers.includes(protocol)
      guardNegotiation(secured.connection, new NegotiationGuard(this.#limits.maxNegotiationLines, isSpoken))
      return secured
    }
    return encrypter
  }

  #guardSecuring(stream: MessageStream): void {
    const isSpoken = (protocol: string): boolean => this.#encrypters.has(protocol)
    guardNegotiation(stream, new NegotiationGuard(this.#limits.maxNegotiationLines, isSpoken))
  }
}
