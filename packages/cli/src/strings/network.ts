/**
 * What `shoal peers` and `shoal doctor` tell people; what a finding means and how to mend it comes from the engine. A test
 * holds all files here to the word list of the interface: words of the machine room (root, peer, hash, ...) do not appear in
 * them.
 */
import type { FindingId } from '@shoal/node/control'
import { formatCount } from '../format.ts'

/** What was looked at, in a word or two. */
export const FINDING_TITLES: Readonly<Record<FindingId, string>> = {
  start: 'Shoal',
  runtime: 'Runtime',
  home: 'Home',
  disk: 'Disk',
  files: 'Open files',
  internet: 'Internet',
  incoming: 'Incoming',
  'local-network': 'Nearby',
  dht: 'Network',
  shares: 'Sharing',
  limits: 'Limits',
}

interface Counts {
  readonly ok: number
  readonly warning: number
  readonly problem: number
}

const listed = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ')

export const DOCTOR = {
  looking: (left: readonly string[]) => `Looking at ${left.join(', ')}`,
  fix: (remedy: string) => `fix: ${remedy}`,
  counts: ({ ok, warning, problem }: Counts) =>
    `${listed(
      problem === 0 ? '' : formatCount(problem, 'problem', 'problems'),
      warning === 0 ? '' : formatCount(warning, 'warning', 'warnings'),
      ok === 0 ? '' : `${formatCount(ok)} fine`,
    )}.`,
  report: 'For a report:  shoal doctor --json',
  /** Fields for scripts, separated by tabs. */
  row: (severity: string, id: string, effect: string, remedy: string) =>
    `${severity}\t${id}\t${effect}\t${remedy}`,
  noRemedy: '-',
} as const

/** How a device is connected, and what it is. */
export const DEVICE_WORDS = {
  direct: 'direct',
  indirect: 'indirect',
  inbound: 'in',
  outbound: 'out',
  shoal: 'Shoal',
  other: 'other',
  unknown: '-',
} as const

export const DEVICES = {
  /** @param others that are no Shoal devices, or have not told yet */
  connected: (shoal: number, others: number) =>
    shoal + others === 0
      ? 'No device is connected.'
      : `${formatCount(shoal, 'Shoal device', 'Shoal devices')} connected${others === 0 ? '' : `, ${formatCount(others, 'other', 'others')}`}`,
} as const
