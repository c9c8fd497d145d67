/**
 * What a node does with other devices about its spaces: keeps them in step, tells what is new at once, lets devices in and is let
 * in. Loaded when it is first needed: most homes have no spaces, and their nodes are to start without all of this.
 */
import { decodeAddress } from '../../network/multiaddrs.ts'
import { withPeerId } from '../../network/libp2p-host.ts'
import { toHex } from '../auth/action-codec.ts'
import { GossipService, type GossipServiceInit } from '../gossip/gossip-service.ts'
import { parseInvite } from '../invites/invite-link.ts'
import { JoinService, type JoinServiceInit } from '../join/join-service.ts'
import { SyncService, type SyncNetwork } from '../sync/sync-service.ts'
import type { CallName } from './calls.ts'
import type { SpaceHost } from './space-host.ts'

export interface SpacePeersInit extends Omit<JoinServiceInit, 'host'> {
  readonly net: SyncNetwork & JoinServiceInit['net'] & GossipServiceInit['network']
  readonly host: SpaceHost
}

export class SpacePeers {
  readonly sync: SyncService
  readonly gossip: GossipService
  readonly joins: JoinService

  constructor(init: SpacePeersInit) {
    const { net: network, seams, host } = init
    this.sync = new SyncService({ network, seams, host, onMember: (peerId) => this.gossip.greet(peerId) })
    this.gossip = new GossipService({
      network,
      seams,
      host,
      isMember: (peerId) => this.sync.isMember(peerId),
    })
    this.joins = new JoinService(init)
  }

  /** Begins with these spaces. */
  start(spaces: readonly string[]): void {
    this.sync.start(spaces)
    this.gossip.start(spaces)
  }

  /** A call may have changed a space, and gave this answer. */
  changed(space: string, call: CallName, answer: unknown): void {
    this.sync.changed(space, call)
    this.gossip.changed(space, call, answer)
  }

  /** Who issued an invitation is a member, and the first that this device is in step with. */
  async invited(link: string): Promise<void> {
    const { space, issuer, hints } = parseInvite(link)
    const { peerId, addresses = [] } = hints
    if (peerId === undefined) return
    const where = addresses.flatMap((address) => decodeAddress(address) ?? [])
    await this.sync.met(toHex(space), {
      author: toHex(issuer),
      peerId,
      addresses: where.map((address) => withPeerId(address, peerId)),
    })
  }

  async stop(): Promise<void> {
    this.joins.stop()
    await this.gossip.stop()
    await this.sync.stop()
  }
}
