/**
 * A host on a libp2p node that a program brought along. It only uses that node: no gate stands before it, no address is
 * listened on, and at the end it runs on. What that costs is told in docs/embedding.md.
 */
import { publicKeyFromPeerId } from '../identity/peer-id.ts'
import { ShoalError } from '../errors.ts'
import type { HostLibp2p } from '../options.ts'
import { mayKeepFromRecord } from './address-rules.ts'
import { REANNOUNCE_MS } from './dht/limits.ts'
import { Discovery } from './discovery.ts'
import { ownSubnets } from './gate/own-subnets.ts'
import { bookOf, endProtocol, handleStreams, type CommonHostInit } from './host-init.ts'
import type { Host } from './host.ts'
import { HostRouting } from './host-routing.ts'
import { recent, systemInterfaces } from './interfaces.ts'
import { dialledAddresses, Libp2pHost } from './libp2p-host.ts'

export interface EmbeddedHostInit extends CommonHostInit {
  readonly libp2p: HostLibp2p
}

/** @throws ShoalError ERR_OPTIONS_INVALID for a libp2p node that is stopped, has another key or another Shoal on it */
export async function embedHost(init: EmbeddedHostInit): Promise<Host> {
  const { libp2p, network, seams, protocol } = init
  refuseUnfit(libp2p)
  await handle(init)
  const interfaces = recent(systemInterfaces, seams.clock)
  const routing =
    network === 'lan'
      ? undefined
      : new HostRouting({
          libp2p,
          seams,
          reannounceMs: REANNOUNCE_MS[network],
          mayUse: (address) => mayKeepFromRecord(network, address, ownSubnets(interfaces())),
        })
  routing?.start()
  const discovery = new Discovery({
    book: bookOf(init),
    routing,
    lan: undefined,
    bootstrap: undefined,
    now: () => seams.clock.now(),
    dialledAddresses: (id) => dialledAddresses(libp2p.getConnections(), id),
  })
  return new Libp2pHost({
    libp2p,
    addresses: () => libp2p.getMultiaddrs().map(String),
    // It tells of an address beyond the local network only once others confirmed it.
    addressFacts: () =>
      libp2p
        .getMultiaddrs()
        .map((address) => ({ address: address.toString(), from: 'own', isConfirmed: true })),
    // Whom the program's own gater lets through is not known here.
    gate: { permit: () => ({ [Symbol.dispose]: () => {} }) },
    discovery,
    protocol,
    seams,
    end: () => endProtocol(libp2p, protocol),
  })
}

function refuseUnfit({ status, peerId }: HostLibp2p): void {
  if (status !== 'started') throw invalid('the libp2p node is to be started before Shoal')
  if (publicKeyFromPeerId(peerId.toString()) === undefined) {
    throw invalid('the libp2p node has no Ed25519 key, and links name devices by those')
  }
}

async function handle(init: EmbeddedHostInit): Promise<void> {
  try {
    await handleStreams(init.libp2p, init)
  } catch (cause) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'another Shoal node uses this libp2p node', { cause })
  }
}

function invalid(message: string): ShoalError {
  return new ShoalError('ERR_OPTIONS_INVALID', message)
}
