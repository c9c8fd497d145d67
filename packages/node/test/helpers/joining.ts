/** Devices with spaces that reach each other without a network, by what they say when one lets in another. */
import { onTestFinished } from 'vitest'
import { ShoalError } from '../../src/errors.ts'
import type { JoinedEvent, JoinEvent, JoiningEvent, SpaceRequest, WarningEvent } from '../../src/events.ts'
import { peerIdBytesOf, peerIdFromPublicKey } from '../../src/identity/peer-id.ts'
import type { Channel } from '../../src/network/channel.ts'
import { memoryChannels } from '../../src/network/memory-channel.ts'
import { encodeAddress } from '../../src/network/multiaddrs.ts'
import type { InviteToSpaceOptions } from '../../src/spaces/host/space-options.ts'
import type { SpaceHost } from '../../src/spaces/host/space-host.ts'
import { JoinService } from '../../src/spaces/join/join-service.ts'
import type { Seams } from '../../src/util/seams.ts'
import { systemSeams } from '../../src/util/system.ts'
import { hostOf } from './space-hosts.ts'

/** Two ends, each with the id of the other. */
export function channelPair(left: string, right: string): [Channel, Channel] {
  const [a, b] = memoryChannels(peerIdBytesOf(left), left)
  return [withIds(a, left, right), withIds(b, right, left)]
}

function withIds(channel: Channel, local: string, remote: string): Channel {
  return {
    localId: peerIdBytesOf(local),
    remoteId: peerIdBytesOf(remote),
    remoteName: remote,
    receive: (handler) => channel.receive(handler),
    send: (bytes) => channel.send(bytes),
    drained: () => channel.drained(),
    close: () => channel.close(),
    abort: (error) => channel.abort(error),
  }
}

/** Who answers whom. */
export class Lines {
  readonly #answering = new Map<string, (channel: Channel) => void>()
  /** Both ends of all that were opened: who asked, who was asked. */
  readonly opened: (readonly [Channel, Channel])[] = []

  answer(peerId: string, onChannel: (channel: Channel) => void): void {
    this.#answering.set(peerId, onChannel)
  }

  silence(peerId: string): void {
    this.#answering.delete(peerId)
  }

  open(from: string, to: string): Channel {
    const answer = this.#answering.get(to)
    if (answer === undefined) throw new ShoalError('ERR_NO_PROVIDER', 'the other device does not answer')
    const [ours, theirs] = channelPair(from, to)
    this.opened.push([ours, theirs])
    answer(theirs)
    return ours
  }
}

export class Device {
  readonly peerId: string
  readonly host: SpaceHost
  readonly service: JoinService
  readonly warnings: WarningEvent[] = []
  /** What was told last of each space. */
  readonly requests = new Map<string, readonly SpaceRequest[]>()

  constructor(lines: Lines, number: number, host: SpaceHost, seams: Seams) {
    this.peerId = peerOf(number)
    this.host = host
    this.service = new JoinService({
      host,
      network: 'private',
      net: {
        peerId: this.peerId,
        dial: async ([address = '']) => lines.open(this.peerId, address.split('/p2p/').at(-1) as string),
        discovery: { findPeer: async () => [] },
      },
      seams,
      hasSpaces: async () => true,
      deviceName: () => `device ${number}`,
      onRequests: (space, requests) => void this.requests.set(space, requests),
      onWarning: (warning) => void this.warnings.push(warning),
    })
    lines.answer(this.peerId, (channel) => this.service.answer(channel))
    onTestFinished(() => this.service.stop())
  }

  /** A link into a space, by which this device is asked. */
  async invite(space: string, options: InviteToSpaceOptions = {}): Promise<{ id: string; link: string }> {
    const { role = 'write', uses = 1, forMs = 0, instant = false } = options
    const addresses = [encodeAddress('/ip4/127.0.0.1/tcp/4001')]
    const whereFound = { peerId: this.peerId, addresses }
    return await this.host.call('invite', { space, role, uses, forMs, instant, whereFound })
  }

  /** Asks to be let in, and tells the codes as they come. */
  join(link: string, options: { signal?: AbortSignal; waitMs?: number; name?: string } = {}): Joining {
    const { signal = new AbortController().signal, waitMs = 1 } = options
    const events: JoiningEvent[] = []
    const onEvent = (event: JoinEvent): void => {
      if (event.type === 'joining') events.push(event)
    }
    const done = this.service.join(link, { ...options, waitMs, signal, onEvent })
    done.catch(() => {})
    return {
      done,
      events,
      codes: () => events.flatMap(({ code }) => (code === null ? [] : [code])),
    }
  }

  async roleIn(space: string): Promise<string | null | undefined> {
    return (await this.host.call('summary', { space }))?.role
  }
}

export interface Joining {
  readonly done: Promise<Omit<JoinedEvent, 'type'>>
  readonly events: readonly JoiningEvent[]
  readonly codes: () => string[]
}

export function peerOf(number: number): string {
  return peerIdFromPublicKey(new Uint8Array(32).fill(number))
}

export async function device(lines: Lines, number: number, seams: Seams = systemSeams): Promise<Device> {
  return new Device(lines, number, await hostOf(), seams)
}
