/** A host on loopback that belongs to no network and remembers nobody. */
import { join } from 'node:path'
import { startHost, type Host, type HostInit } from '../../src/network/host.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { PROTOCOL } from '../../src/transfer/constants.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder } from './files.ts'

export async function startLoneHost(
  init: Pick<HostInit, 'privateKey' | 'onChannel'> & Partial<HostInit>,
): Promise<Host> {
  return startHost({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    network: 'private',
    bootstrap: [],
    mdns: false,
    seams: systemSeams,
    disk: systemDisk,
    bookFile: join(await temporaryFolder(), 'peers.json'),
    protocol: PROTOCOL,
    isServed: () => false,
    onWarning: () => {},
    ...init,
  })
}
