/** Every metric of a node. No label has a value that a peer, a person or a share could choose. */
import type { GateStats } from '../../network/gate/gate.ts'
import { JOB_KINDS } from './measured-workers.ts'
import { byName, only, type Metric, type Sample } from './metric.ts'
import { OPERATION_KINDS } from './operation-counts.ts'
import { PROCESS_METRICS } from './process-metrics.ts'

const KINDS = ['block', 'node'] as const
const REFUSALS = ['missing', 'gone', 'changed', 'busy'] as const
const SOURCES = ['link', 'peer', 'seen', 'lan', 'dht', 'exchange', 'self'] as const
const FETCH_STATES = ['queued', 'running', 'waiting', 'paused', 'done', 'failed', 'cancelled'] as const

/** Why the gate refused something, by the count that says so. */
const GATE_REFUSALS = {
  pending_full: 'pendingEvicted',
  too_fast: 'acceptedTooFast',
  connection_refused: 'connectionsRefused',
  connection_closed: 'connectionsClosed',
  stream_refused: 'streamsRefused',
  stream_evicted: 'streamsEvicted',
  peer_overfull: 'peersOverfull',
  dial_denied: 'dialsDenied',
  dial_limited: 'dialsLimited',
} as const satisfies Record<string, keyof GateStats>

const SHOAL_METRICS: readonly Metric[] = [
  {
    name: 'shoal_uptime_seconds',
    type: 'gauge',
    help: 'Seconds since the node was started.',
    read: ({ uptime }) => only(uptime()),
  },
  {
    name: 'shoal_sent_bytes_total',
    type: 'counter',
    help: 'Payload bytes handed to the network: blocks by number, and nodes of the tree by CID.',
    labels: { kind: KINDS },
    read: ({ transfers }) => byName('kind', { ...transfers.sent }),
  },
  {
    name: 'shoal_received_bytes_total',
    type: 'counter',
    help: 'Payload bytes that came, right or wrong.',
    labels: { kind: KINDS },
    read: ({ transfers }) => byName('kind', { ...transfers.received }),
  },
  {
    name: 'shoal_blocks_received_total',
    type: 'counter',
    help: 'Blocks that came by number: verified ones, wrong ones, and duplicates, which are counted when their transfer ends.',
    labels: { outcome: ['verified', 'wrong', 'duplicate'] },
    read: ({ transfers }) => byName('outcome', transfers.blocks),
  },
  {
    name: 'shoal_refusals_received_total',
    type: 'counter',
    help: 'Blocks and nodes that others did not give.',
    labels: { reason: REFUSALS },
    read: ({ transfers }) => byName('reason', transfers.refusedByOthers),
  },
  {
    name: 'shoal_refusals_sent_total',
    type: 'counter',
    help: 'Blocks and nodes that others asked for and were not given.',
    labels: { reason: REFUSALS },
    read: ({ transfers }) => byName('reason', transfers.refusedByUs),
  },
  {
    name: 'shoal_rate_limit_bytes_per_second',
    type: 'gauge',
    help: 'The limit of all transfers together; 0 where there is none.',
    labels: { direction: ['up', 'down'] },
    read: ({ limits }) => byName('direction', { ...limits() }),
  },
  {
    name: 'shoal_sessions_open',
    type: 'gauge',
    help: 'Open sessions of the transfer protocol, by which side opened them.',
    labels: { opener: ['ours', 'theirs'] },
    read: ({ sessions }) => byName('opener', { ...sessions() }),
  },
  {
    name: 'shoal_sessions_ended_total',
    type: 'counter',
    help: 'Sessions that ended after both sides had proved that they know the root, by what was said last; `failed` is without a word.',
    labels: { reason: ['done', 'duplicate', 'failed', 'protocol', 'shutdown', 'unknown'] },
    read: ({ transfers }) => byName('reason', transfers.sessionsEnded),
  },
  {
    name: 'shoal_operations_running',
    type: 'gauge',
    help: 'Operations that run now; shares count while they are made.',
    labels: { operation: OPERATION_KINDS },
    read: ({ operations }) =>
      Array.from(operations.all, ([operation, { running }]) => ({ labels: { operation }, value: running })),
  },
  {
    name: 'shoal_operations_ended_total',
    type: 'counter',
    help: 'Operations that ended; `stopped` is by who began them, or with the node.',
    labels: { operation: OPERATION_KINDS, result: ['done', 'failed', 'stopped'] },
    read: ({ operations }) =>
      [...operations.all].flatMap(([operation, { ended }]) =>
        byName('result', ended).map(({ labels, value }) => ({ labels: { operation, ...labels }, value })),
      ),
  },
  {
    name: 'shoal_fetches',
    type: 'gauge',
    help: 'Fetches of the background that the node knows.',
    labels: { state: FETCH_STATES },
    read: async ({ fetches }) => {
      const states: Record<string, number> = Object.fromEntries(FETCH_STATES.map((state) => [state, 0]))
      for (const { state } of await fetches()) states[state] = (states[state] ?? 0) + 1
      return byName('state', states)
    },
  },
  {
    name: 'shoal_shares',
    type: 'gauge',
    help: 'Shares that are served; `stale` ones are no longer what was promised in some part.',
    labels: { state: ['serving', 'stale'] },
    read: ({ shares }) => byName('state', { ...shares() }),
  },
  {
    name: 'shoal_served_roots',
    type: 'gauge',
    help: 'Roots that others are given, those of running fetches among them.',
    read: ({ served }) => only(served()),
  },
  {
    name: 'shoal_peers_connected',
    type: 'gauge',
    help: 'Peers with at least one connection, of Shoal or not.',
    read: ({ peers }) => only(peers()),
  },
  {
    name: 'shoal_dials_total',
    type: 'counter',
    help: 'Attempts to open a stream of the transfer protocol to a device.',
    labels: { result: ['connected', 'failed', 'cancelled'] },
    read: ({ transfers }) => byName('result', transfers.dials),
  },
  sourceMetric('asked', 'Questions to each source of peers; a question to the DHT is a lookup.'),
  sourceMetric('heard', 'Devices that each source named.'),
  sourceMetric('opened', 'Devices named by each source that proved that they have the content.'),
  sourceMetric('declined', 'Devices named by each source that do not have it.'),
  sourceMetric('failed', 'Devices named by each source that did not answer, or not in order.'),
  {
    name: 'shoal_dht_peers',
    type: 'gauge',
    help: 'Peers in the routing table of the DHT.',
    read: ({ discovery }) => only(discovery().dht?.known),
  },
  {
    name: 'shoal_dht_announcements_waiting',
    type: 'gauge',
    help: 'Keys that are due to be announced and are not yet.',
    read: ({ discovery }) => only(discovery().dht?.waiting),
  },
  {
    name: 'shoal_dht_announcements_total',
    type: 'counter',
    help: 'Announcements that ended; those fail that fewer than half of the devices took that should.',
    labels: { result: ['taken', 'failed'] },
    read: ({ announcements }) => byName('result', { ...announcements() }),
  },
  {
    name: 'shoal_lan_devices',
    type: 'gauge',
    help: 'Devices seen on the local network.',
    read: ({ discovery }) => only(discovery().lan ?? undefined),
  },
  {
    name: 'shoal_gate_refusals_total',
    type: 'counter',
    help: 'What the gate against strangers refused or ended; docs/hardening.md has the limits.',
    labels: { reason: Object.keys(GATE_REFUSALS) },
    read: ({ gate }) => {
      const stats = gate()
      if (stats === undefined) return []
      return Object.entries(GATE_REFUSALS).map(([reason, name]) => ({
        labels: { reason },
        value: stats[name],
      }))
    },
  },
  {
    name: 'shoal_gate_connections',
    type: 'gauge',
    help: 'Connections behind the gate: handshakes under way, all that are up, and those that strangers opened.',
    labels: { state: ['pending', 'established', 'stranger'] },
    read: ({ gate }) => {
      const stats = gate()
      if (stats === undefined) return []
      const { pending, connections, inboundStrangers } = stats
      return byName('state', { pending, established: connections, stranger: inboundStrangers })
    },
  },
  {
    name: 'shoal_gate_buffered_bytes',
    type: 'gauge',
    help: 'Bytes of all streams that wait to be read or sent.',
    read: ({ gate }) => only(gate()?.bufferedBytes),
  },
  {
    name: 'shoal_worker_jobs_pending',
    type: 'gauge',
    help: 'Jobs handed to the worker threads and not answered.',
    read: ({ workers }) => only(workers.pending),
  },
  {
    name: 'shoal_worker_job_seconds',
    type: 'histogram',
    help: 'Seconds from handing a job to the worker threads to its answer: `read` seals and hashes what is served or shared, `write` verifies and writes a block, `sync` makes written blocks durable.',
    labels: { job: JOB_KINDS },
    read: ({ workers }) => Array.from(workers.times, ([job, value]) => ({ labels: { job }, value })),
  },
  {
    name: 'shoal_api_requests_total',
    type: 'counter',
    help: 'Answered requests to the control API, also those that were refused.',
    labels: {
      method: 'as in docs/openapi.json, or none',
      route: 'as in docs/openapi.json, or none',
      status: 'HTTP',
    },
    read: ({ requests }) =>
      requests.all.map(({ method, route, status, count }): Sample => ({
        labels: { method, route, status: String(status) },
        value: count,
      })),
  },
  {
    name: 'shoal_database_bytes',
    type: 'gauge',
    help: 'Size of each database of the home, and of what waits in its log, in bytes.',
    labels: { database: ['jobs', 'jobs_log', 'shares', 'shares_log'] },
    read: async ({ databases }) => byName('database', await databases()),
  },
]

export const METRICS: readonly Metric[] = [...SHOAL_METRICS, ...PROCESS_METRICS]

function sourceMetric(field: 'asked' | 'heard' | 'opened' | 'declined' | 'failed', help: string): Metric {
  return {
    name: `shoal_source_${field}_total`,
    type: 'counter',
    help,
    labels: { source: SOURCES },
    read: ({ sources }) =>
      Array.from(sources(), ([source, tally]) => ({ labels: { source }, value: tally[field] })),
  }
}
