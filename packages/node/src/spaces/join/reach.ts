/** Reaches a device that may let in: at the addresses in the link, and where its id leads to. */
import { ShoalError } from '../../errors.ts'
import { mayDialFromLink } from '../../network/address-rules.ts'
import type { Channel } from '../../network/channel.ts'
import type { Host } from '../../network/host.ts'
import { decodeAddress } from '../../network/multiaddrs.ts'
import type { NetworkPreset } from '../../options.ts'
import type { InviteHints } from '../invites/invite-hints.ts'
import { JOIN_PROTOCOL } from './limits.ts'

export interface ReachInit {
  readonly network: NetworkPreset
  readonly net: Pick<Host, 'dial'> & { readonly discovery: Pick<Host['discovery'], 'findPeer'> }
}

/** @throws ShoalError ERR_NO_PROVIDER when it does not answer; on abort the signal's reason */
export async function reach(
  { network, net }: ReachInit,
  { peerId, addresses = [] }: InviteHints,
  signal: AbortSignal,
): Promise<Channel> {
  if (peerId === undefined) throw new ShoalError('ERR_NO_PROVIDER', 'the invitation names no device to ask')
  const end = `/p2p/${peerId}`
  const named = addresses
    .map(decodeAddress)
    .filter((address) => address !== undefined && mayDialFromLink(network, address))
    .map((address) => (address?.includes('/p2p/') ? address : `${address}${end}`))
  if (named.length > 0) {
    try {
      return await net.dial(named, signal, 'named', JOIN_PROTOCOL)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ShoalError)) throw error
    }
  }
  const found = (await net.discovery.findPeer(peerId, signal)).filter((address) => !named.includes(address))
  signal.throwIfAborted()
  if (found.length === 0) throw new ShoalError('ERR_NO_PROVIDER', 'the device that invited does not answer')
  return await net.dial(found, signal, 'record', JOIN_PROTOCOL)
}
