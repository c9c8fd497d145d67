/** Why a download waits or is slow, in whole sentences. A test holds all files here to the word list of the interface. */
import type { FetchStateEvent, WaitDetail, WaitReason } from '@shoal/node/control'
import { formatBytes, formatCount, formatDayTime, formatRate, formatTime } from '../format.ts'
import { FETCHES } from './fetches.ts'
import { deviceName } from './output.ts'

const AGAIN = 'It goes on by itself.'

/** What is known of this very download; else the sentence of the reason. */
export function waitText(reason: WaitReason, detail: WaitDetail | null): string {
  return (detail === null ? undefined : detailed(reason, detail)) ?? FETCHES.reasons[reason]
}

/** Whether content comes all the same. */
export function isSlowOnly(reason: WaitReason | null, state: FetchStateEvent['state'] = 'running'): boolean {
  // A schedule may also have it wait.
  return reason === 'indirect' || reason === 'own-limit' || (reason === 'schedule' && state === 'running')
}

function detailed(
  reason: WaitReason,
  { missing, peers, peer, lastSeen, until, limit }: WaitDetail,
): string | undefined {
  const untilThen = until === undefined ? '' : ` until ${formatDayTime(until)}`
  const seen = lastSeen === undefined ? undefined : formatTime(lastSeen)
  switch (reason) {
    case 'no-source':
      if (peer === undefined || seen === undefined) return undefined
      return `Nobody who has this is online. Last seen: ${deviceName(peer)}, ${seen}. ${AGAIN}`
    case 'unreachable': {
      if (peers === undefined) return undefined
      const have = formatCount(peers, 'device has', 'devices have')
      return `${have} this, but no connection ${peers === 1 ? 'to it' : 'to them'} works yet. ${AGAIN}`
    }
    case 'incomplete': {
      if (missing === undefined) return undefined
      const rest = `The devices online do not have the last ${formatBytes(missing)} of it.`
      const isSeen = peer !== undefined && seen !== undefined
      const who = isSeen ? ` The rest was last seen at ${deviceName(peer)}, ${seen}.` : ''
      return `${rest}${who} ${AGAIN}`
    }
    case 'disk-full':
      if (missing === undefined) return undefined
      return `The disk is full: this needs ${formatBytes(missing)} more. Nothing is lost. ${AGAIN}`
    case 'own-limit':
    case 'schedule':
      if (limit !== undefined) return `Slow on purpose: your limit is ${formatRate(limit)}${untilThen}.`
      return until === undefined ? undefined : `Waiting${untilThen}, as your schedule says. ${AGAIN}`
    case 'queued':
    case 'searching':
    case 'source-changed':
    case 'busy':
    case 'indirect':
    case 'verifying':
    case 'offline':
    case 'folder-gone':
    case 'paused':
    case 'metered':
      return undefined
  }
}
