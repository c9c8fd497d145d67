/** Bounds both negotiations of an inbound connection: for its encryption, and for its muxer. */
import type { ConnectionEncrypter, MultiaddrConnection } from '@libp2p/interface'
import type { NetworkLimits } from '../limits.ts'
import { guardNegotiation, NegotiationGuard } from './negotiation-guard.ts'

export class HandshakeGate {
  readonly #limits: NetworkLimits
  readonly #encrypters = new Set<string>()
  readonly #muxers: readonly string[]

  /** @param muxers protocols of the muxers that this node speaks */
  constructor(limits: NetworkLimits, muxers: readonly string[]) {
    this.#limits = limits
    this.#muxers = muxers
  }

  /** Called before a byte of the connection is read. */
  begin(socket: MultiaddrConnection): void {
    const isSpoken = (protocol: string): boolean => this.#encrypters.has(protocol)
    guardNegotiation(socket, new NegotiationGuard(this.#limits.maxNegotiationLines, isSpoken))
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
}
