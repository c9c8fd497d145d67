/** What a node says of itself. */
import { pid } from 'node:process'
import type { StatusEvent } from './events.ts'
import type { Host } from './network/host.ts'
import { PRESETS } from './network/presets.ts'
import type { ResolvedNodeOptions } from './options.ts'
import type { HomePaths } from './store/home.ts'
import type { Limits } from './transfer/rates/rate-limits.ts'
import type { SourceReport } from './transfer/swarm/source-report.ts'

export function nodeStatus(
  host: Host,
  { network, listen, bootstrap, mdns, onStopRequest }: ResolvedNodeOptions,
  { socket, tokenFile }: HomePaths,
  metrics: SourceReport,
  { up, down }: Limits,
  uptime: number,
): StatusEvent {
  const preset = PRESETS[network]
  return {
    type: 'status',
    pid,
    uptime,
    daemon: onStopRequest !== undefined,
    peerId: host.peerId,
    network,
    listen,
    bootstrap: bootstrap ?? preset.bootstrap,
    mdns: mdns ?? preset.mdns,
    up,
    down,
    addresses: host.addresses(),
    discovery: {
      connected: host.connectedPeers().length,
      ...host.discovery.status(),
      sources: Object.fromEntries(metrics.tallies),
    },
    api: null,
    socket,
    tokenFile,
  }
}
