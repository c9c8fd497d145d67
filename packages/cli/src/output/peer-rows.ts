/** How `shoal peers` speaks: a row for each device on stdout. */
import { escapeForDisplay, type PeerEvent } from '@shoal/node/control'
import { formatDuration } from '../format.ts'
import { DEVICES, DEVICE_WORDS } from '../strings/network.ts'
import { deviceName } from '../strings/output.ts'
import { cells, cutMiddle, padEnd } from './cells.ts'
import { writeJson, writeResult, type Output } from './output.ts'

const DEFAULT_COLUMNS = 80
const GAP = '  '
/** Cells of the longest duration, `59 min 59 s`. */
const TIME_WIDTH = 11
/** An address is shown in at least so many cells, however narrow the window is. */
const LEAST_ADDRESS_WIDTH = 20
const KIND_WIDTH = widest(DEVICE_WORDS.shoal, DEVICE_WORDS.other, DEVICE_WORDS.unknown)
const PATH_WIDTH = widest(DEVICE_WORDS.direct, DEVICE_WORDS.indirect)
const WAY_WIDTH = widest(DEVICE_WORDS.inbound, DEVICE_WORDS.outbound)

export function reportPeers(output: Output, peers: readonly PeerEvent[]): void {
  const { mode, stdout, stderr, theme } = output
  if (mode === 'json') {
    for (const peer of peers) writeJson(output, peer)
    return
  }
  if (mode === 'quiet') {
    for (const { id } of peers) writeResult(output, escapeForDisplay(id))
    return
  }
  if (!stdout.isTerminal) {
    for (const peer of peers) writeResult(output, forScripts(peer))
    return
  }
  const shoal = peers.filter((peer) => peer.shoal === true).length
  writeResult(output, DEVICES.connected(shoal, peers.length - shoal))
  const width = stderr.columns ?? DEFAULT_COLUMNS
  const nameWidth = Math.max(0, ...peers.map((peer) => cells(nameOf(peer))))
  for (const peer of peers) writeResult(output, forPeople(peer, { width, nameWidth }, theme.ellipsis))
}

function forPeople(
  peer: PeerEvent,
  { width, nameWidth }: { readonly width: number; readonly nameWidth: number },
  ellipsis: string,
): string {
  const { id, seconds, address } = peer
  const facts = [
    padEnd(nameOf(peer), nameWidth),
    padEnd(kindOf(peer), KIND_WIDTH),
    padEnd(pathOf(peer), PATH_WIDTH),
    padEnd(wayOf(peer), WAY_WIDTH),
    formatDuration(seconds).padStart(TIME_WIDTH),
    '',
  ].join(GAP)
  const room = Math.max(LEAST_ADDRESS_WIDTH, width - cells(facts))
  // Its id is the longest part, and says nothing of where it is.
  const place = address.endsWith(`/p2p/${id}`) ? address.slice(0, -`/p2p/${id}`.length) : address
  return facts + cutMiddle(escapeForDisplay(place), room, ellipsis)
}

function nameOf({ id, name }: PeerEvent): string {
  return name === null ? deviceName(id) : escapeForDisplay(name)
}

function forScripts(peer: PeerEvent): string {
  const kind = kindOf(peer).toLowerCase()
  const fields = [peer.id, pathOf(peer), wayOf(peer), String(peer.seconds), kind, peer.address]
  return fields.map(escapeForDisplay).join('\t')
}

const pathOf = ({ direct }: PeerEvent): string => (direct ? DEVICE_WORDS.direct : DEVICE_WORDS.indirect)
const wayOf = ({ inbound }: PeerEvent): string => (inbound ? DEVICE_WORDS.inbound : DEVICE_WORDS.outbound)

function kindOf({ shoal }: PeerEvent): string {
  if (shoal === null) return DEVICE_WORDS.unknown
  return shoal ? DEVICE_WORDS.shoal : DEVICE_WORDS.other
}

function widest(...words: readonly string[]): number {
  return Math.max(...words.map((word) => word.length))
}
