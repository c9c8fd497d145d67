/** What a node says of itself. */
import { pid } from 'node:process'
import type { BandwidthStatus, LoopStatus, StatusEvent } from './events.ts'
import type { Host } from './network/host.ts'
import { PRESETS } from './network/presets.ts'
import type { ResolvedNodeOptions } from './options.ts'
import type { HomePaths } from './store/home.ts'
import type { Limits } from './transfer/rates/rate-limits.ts'
import type { SourceReport } from './transfer/swarm/source-report.ts'

export interface StatusInit {
  readonly host: Host
  readonly options: ResolvedNodeOptions
  readonly paths: HomePaths
  readonly metrics: SourceReport
  readonly limits: Limits
  readonly bandwidth: BandwidthStatus
  readonly loop: LoopStatus
  /** Seconds since the node was started. */
  readonly uptime: number
  /** Base URL of the API on loopback TCP. */
  readonly api: string | null
  /** The same of the content port. */
  readonly content: string | null
}

export function nodeStatus(init: StatusInit): StatusEvent {
  const { host, options, paths, metrics, limits, bandwidth, loop, uptime, api, content } = init
  const { network, listen, bootstrap, mdns, onStopRequest } = options
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
    ...limits,
    bandwidth,
    addresses: host.addresses(),
    discovery: {
      connected: host.connectedPeers().length,
      ...host.discovery.status(),
      sources: Object.fromEntries(metrics.tallies),
    },
    loop,
    api,
    content,
    socket: paths.socket,
    tokenFile: paths.tokenFile,
  }
}
