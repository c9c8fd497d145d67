/** What every host is given, whoever started its libp2p node, and what is made of it alike. */
import type { Connection, Stream } from '@libp2p/interface'
import { ShoalError } from '../errors.ts'
import type { HostLibp2p, NetworkPreset } from '../options.ts'
import type { Disk } from '../store/disk.ts'
import type { Seams } from '../util/seams.ts'
import { AddressBook, type AddressBookWarning } from './address-book.ts'
import { mayDialFromLink } from './address-rules.ts'
import type { Channel } from './channel.ts'
import { Libp2pChannel } from './libp2p-channel.ts'
import { NETWORK_LIMITS } from './limits.ts'

export interface CommonHostInit {
  /** Which addresses are dialled and told, and where others are looked for. */
  readonly network: NetworkPreset
  readonly seams: Seams
  readonly disk: Disk
  /** File of the devices met before. */
  readonly bookFile: string
  readonly protocol: string
  /** Called with each stream that a peer opens. */
  readonly onChannel: (channel: Channel) => void
  readonly onWarning: (warning: AddressBookWarning) => void
}

/** What answers the streams of a protocol that peers open. */
export interface SpokenProtocol extends Pick<CommonHostInit, 'protocol' | 'onChannel'> {
  readonly seams: Pick<Seams, 'timers'>
}

/** Registers a protocol. Rejects as libp2p does when that is taken. */
export function handleStreams(
  libp2p: HostLibp2p,
  { protocol, seams, onChannel }: SpokenProtocol,
): Promise<void> {
  return libp2p.handle(
    protocol,
    (stream: Stream, connection: Connection) => {
      onChannel(new Libp2pChannel(stream, libp2p.peerId, connection, seams.timers))
    },
    {
      maxInboundStreams: NETWORK_LIMITS.maxStreamsPerConnection,
      maxOutboundStreams: NETWORK_LIMITS.maxStreamsPerConnection,
      runOnLimitedConnection: true,
    },
  )
}

/** Nothing of it is left on the libp2p node, which may run on. */
export async function endProtocol(libp2p: HostLibp2p, protocol: string): Promise<void> {
  await libp2p.unhandle(protocol)
  for (const { streams } of libp2p.getConnections()) {
    for (const stream of streams) {
      if (stream.protocol === protocol) stream.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
    }
  }
}

export function bookOf({ network, bookFile, disk, seams, onWarning }: CommonHostInit): AddressBook {
  const mayDial = (address: string): boolean => mayDialFromLink(network, address)
  return new AddressBook({ file: bookFile, disk, seams, mayDial, onWarning })
}
