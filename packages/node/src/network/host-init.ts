/** What every host is given, whoever started its libp2p node, and what is made of it alike. */
import type { Connection, Stream } from '@libp2p/interface'
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

/** Registers the protocol. Rejects as libp2p does when that is taken. */
export function handleStreams(
  libp2p: HostLibp2p,
  { protocol, seams, onChannel }: CommonHostInit,
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

export function bookOf({ network, bookFile, disk, seams, onWarning }: CommonHostInit): AddressBook {
  const mayDial = (address: string): boolean => mayDialFromLink(network, address)
  return new AddressBook({ file: bookFile, disk, seams, mayDial, onWarning })
}
