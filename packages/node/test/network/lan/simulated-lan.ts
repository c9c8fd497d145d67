/** A local network in the simulated world: what one sends, all hear a millisecond later, the sender too. */
import type { NamedInterfaces } from '../../../src/network/lan/local-networks.ts'
import { Mdns } from '../../../src/network/lan/mdns.ts'
import type { MulticastHandler, OpenMulticast } from '../../../src/network/lan/multicast.ts'
import type { Simulation } from '../../helpers/simulation.ts'
import { interfaceAddress, peerOf } from './names.ts'

interface Member {
  readonly source: string
  readonly handler: MulticastHandler
}

export class SimulatedLan {
  readonly #world: Simulation
  readonly #members = new Set<Member>()
  packets = 0
  bytes = 0

  constructor(world: Simulation) {
    this.#world = world
  }

  get members(): number {
    return this.#members.size
  }

  /** A socket on this network; with an error it fails as soon as it is open. */
  open(source: string, error?: Error): OpenMulticast {
    return (_network, handler) => {
      const member = { source, handler }
      this.#members.add(member)
      if (error !== undefined) {
        this.#world.at(this.#world.nowMs, () => {
          this.#members.delete(member)
          handler.onFailure(error)
        })
      }
      return {
        send: (packet) => this.send(source, packet),
        close: async () => void this.#members.delete(member),
      }
    }
  }

  send(source: string, packet: Uint8Array): void {
    this.packets++
    this.bytes += packet.byteLength
    this.#world.at(this.#world.nowMs + 1, () => {
      for (const { handler } of this.#members) handler.onPacket(packet, source)
    })
  }

  /** A node with address 10.0.0.`number` that listens on it, or nowhere. */
  node(number: number, facts: Partial<NodeFacts> = {}): Mdns {
    const host = `10.0.0.${number}`
    const mdns = new Mdns({
      peerId: peerOf(number),
      preset: 'lan',
      addresses: () => facts.addresses?.() ?? [`/ip4/${host}/tcp/4001/p2p/${peerOf(number)}`],
      seams: this.#world.seams,
      interfaces: () => facts.interfaces?.() ?? { eth0: [interfaceAddress(`${host}/24`)] },
      open: facts.open ?? this.open(host),
      onUnavailable: (error) => facts.onUnavailable?.(error),
    })
    mdns.start()
    return mdns
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#world.nowMs + ms
    await this.#world.run(new Promise<void>((resolve) => this.#world.at(untilMs, resolve)))
  }
}

interface NodeFacts {
  readonly addresses: () => string[]
  readonly interfaces: () => NamedInterfaces
  readonly open: OpenMulticast
  readonly onUnavailable: (error: Error) => void
}
