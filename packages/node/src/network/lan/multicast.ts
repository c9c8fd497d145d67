/** The multicast socket of one local network: the seam between discovery and the machine. */
import { createSocket, type Socket } from 'node:dgram'
import type { LocalNetwork } from './local-networks.ts'

export const MDNS_PORT = 5_353
const GROUPS = { 4: '224.0.0.251', 6: 'ff02::fb' } as const
/** What RFC 6762 demands, so that a packet that crossed a router can be told. */
const TTL = 255
/** A question and an announcement. */
const MAX_EARLY_PACKETS = 2

export interface MulticastHandler {
  /** @param source IP address of the sender, of IPv6 with its zone where it is link-local */
  readonly onPacket: (packet: Uint8Array, source: string) => void
  /** The socket cannot be used any more, and is closed. */
  readonly onFailure: (error: Error) => void
}

export interface MulticastSocket {
  /** Sends to all on the network. A packet that cannot be sent now is lost. */
  send: (packet: Uint8Array) => void
  /** Sends what was given to `send`, then closes. */
  close: () => Promise<void>
}

/** Opens a socket on a network. Does not throw: what fails is told to `onFailure`. */
export type OpenMulticast = (network: LocalNetwork, handler: MulticastHandler) => MulticastSocket

/** Sockets of the machine on a port, which is that of multicast DNS save in tests. */
export function systemMulticast(port: number = MDNS_PORT): OpenMulticast {
  return (network, handler) => new SystemSocket(network, port, handler)
}

class SystemSocket implements MulticastSocket {
  readonly #socket: Socket
  readonly #group: string
  readonly #port: number
  readonly #handler: MulticastHandler
  /** Packets given before the socket was ready; undefined since it is. */
  #early: Uint8Array[] | undefined = []
  #isClosed = false
  #sending = 0
  #idle: (() => void) | undefined

  constructor(network: LocalNetwork, port: number, handler: MulticastHandler) {
    const { family, zone } = network
    const on = family === 4 ? network.address : `::%${zone}`
    this.#group = family === 4 ? GROUPS[4] : `${GROUPS[6]}%${zone}`
    this.#port = port
    this.#handler = handler
    // Shared with the system's own responder and with other nodes of this machine.
    this.#socket = createSocket(
      family === 4 ? { type: 'udp4', reuseAddr: true } : { type: 'udp6', reuseAddr: true, ipv6Only: true },
    )
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('message', (packet, { address, port: from }) => {
      // From another port comes a simple resolver, which wants an answer to itself: a way to flood somebody else.
      if (from === port && !this.#isClosed) handler.onPacket(packet, address)
    })
    this.#socket.bind(port, this.#bindAddress(family), () => {
      if (this.#isClosed) return
      try {
        this.#socket.addMembership(GROUPS[family], on)
        this.#socket.setMulticastInterface(on)
        this.#socket.setMulticastTTL(TTL)
        // Other nodes of this machine hear us.
        this.#socket.setMulticastLoopback(true)
      } catch (error) {
        this.#fail(error as Error)
        return
      }
      const early = this.#early ?? []
      this.#early = undefined
      for (const packet of early) this.send(packet)
    })
  }

  send(packet: Uint8Array): void {
    if (this.#isClosed) return
    if (this.#early !== undefined) {
      if (this.#early.length < MAX_EARLY_PACKETS) this.#early.push(packet)
      return
    }
    this.#sending++
    // A cable that is out, a network without address: the next packet may pass.
    this.#socket.send(packet, this.#port, this.#group, () => {
      this.#sending--
      if (this.#sending === 0) this.#idle?.()
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#sending > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
  }

  /** Bound to the group, it gets nothing that is sent to this machine alone: that is for the system's own responder. */
  #bindAddress(family: 4 | 6): string {
    if (process.platform === 'linux') return this.#group
    return family === 4 ? '0.0.0.0' : '::'
  }

  #fail(error: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.close()
    this.#handler.onFailure(error)
  }
}
