/**
 * Learns whether others reach this node, and asks the router to let them.
 *
 * AutoNAT answers who asks for it by dialling back and closing that connection. The library dials by the connection
 * manager, which hands out the connection that the asker came by: closing that one cuts off every transfer on it
 * (@libp2p/autonat 3.0.28). Here a dial back is a connection of its own. The library also walks the network for peers to
 * ask without a pause, in a small one the same few hundreds of times a minute.
 */
import type { AutoNATComponents } from '@libp2p/autonat'
import { isMultiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'
import { delay, type Timers } from '../util/seams.ts'
import { NETWORK_LIMITS } from './limits.ts'
import { override } from './override.ts'

export async function reachability(timers: Timers): Promise<NonNullable<Libp2pOptions['services']>> {
  const [{ autoNAT }, { uPnPNAT }] = await Promise.all([
    import('@libp2p/autonat'),
    import('@libp2p/upnp-nat'),
  ])
  return {
    autoNAT: (components: AutoNATComponents) => autoNAT()(dialBackComponents(components, timers)),
    upnp: uPnPNAT(),
  } as NonNullable<Libp2pOptions['services']>
}

/** What AutoNAT is given in place of libp2p's own components. */
export function dialBackComponents(components: AutoNATComponents, timers: Timers): AutoNATComponents {
  const { connectionManager, transportManager, randomWalk } = components
  return override(components, {
    connectionManager: override(connectionManager, {
      // One address is a dial back; a peer that is to be asked comes with all of its addresses.
      openConnection: async (target, options) =>
        isMultiaddr(target)
          ? transportManager.dial(target, options)
          : connectionManager.openConnection(target, options),
    }),
    randomWalk: override(randomWalk, {
      walk: async function* (options) {
        for await (const peer of randomWalk.walk(options)) {
          yield peer
          await delay(timers, NETWORK_LIMITS.reachabilityPauseMs, options?.signal ?? undefined)
        }
      },
    }),
  })
}
