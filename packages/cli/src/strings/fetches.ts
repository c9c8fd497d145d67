/**
 * What people are told of downloads in the background. A test holds all files here to the word list of the interface: words of
 * the machine room (root, peer, hash, ...) do not appear in them.
 */
import type { FetchStateEvent, WaitReason } from '@shoal/node/control'
import { formatRate } from '../format.ts'
import { sources } from './words.ts'

const UNKNOWN = '-'

export const FETCHES = {
  /** Scripts get the state's own word. */
  states: {
    queued: 'waiting',
    running: 'downloading',
    waiting: 'waiting',
    paused: 'paused',
    done: 'done',
    failed: 'failed',
    cancelled: 'cancelled',
  } as const satisfies Record<FetchStateEvent['state'], string>,
  reasons: {
    queued: 'Waiting for other downloads before it.',
    searching: 'Looking for a source. It goes on by itself.',
    'no-source': 'Nobody who has this is online. It goes on by itself.',
    unreachable:
      'Devices that have this are known, but no connection to them works yet. It goes on by itself.',
    incomplete: 'The devices online do not have all of it. It goes on by itself.',
    'source-changed': 'What is missing was changed after it was shared. Ask for a new link.',
    busy: 'The sources are busy or limit their speed. It goes on by itself.',
    indirect: 'Slow: the connection is indirect.',
    verifying: 'Checking what is here already.',
    offline: 'This device has no network. It goes on by itself.',
    'disk-full': 'The disk is full. Nothing is lost. It goes on by itself when there is room.',
    'folder-gone': 'The folder cannot be written. It goes on by itself when it can be.',
    paused: 'Paused.',
    'own-limit': 'Slow on purpose: you set a limit.',
    schedule: 'Waiting, as your schedule says. It goes on by itself.',
    metered: 'Waiting while the connection is metered. It goes on by itself.',
  } as const satisfies Record<WaitReason, string>,
  paused: (id: string) => `To go on with it: shoal fetches resume ${id}`,
  failed: (why: string, id: string) => `${why}. To try again: shoal fetches resume ${id}`,
  notRunning: 'Waiting until Shoal runs in the background.',
  moving: (rate: number, count: number) =>
    [formatRate(rate), count === 0 ? '' : sources(count)].filter((fact) => fact !== '').join(', '),
  to: (folder: string) => `to ${folder}`,
  unnamed: 'not known by name yet',
  none: 'Nothing is downloaded in the background. To have that done: shoal fetch LINK --detach',
  resting: 'Nothing of this goes on: Shoal does not run in the background. Start it: shoal daemon start',
  detached: 'Downloading in the background. See how far it is: shoal fetches',
  changed: {
    pause: (name: string) => `Paused: ${name}. What is here already is kept.`,
    resume: (name: string) => `Goes on: ${name}.`,
    cancel: (name: string) =>
      `Cancelled: ${name}. What is here already stays in a hidden folder, and is used if you download it again.`,
  },
  stays: (name: string, state: string) => `Nothing was changed. ${name}: ${state}.`,
} as const

/** Plain lines: what a log keeps, one exact fact a line. */
export const FETCHES_PLAIN = {
  none: 'fetches: none',
  resting: 'fetches: nothing goes on, for Shoal does not run in the background',
  detached: (id: string, state: string) => `fetch ${id}: in the background, ${state}`,
  changed: (id: string, state: string) => `fetch ${id}: ${state}`,
  stays: (id: string, state: string) => `fetch ${id}: nothing was changed, ${state}`,
  /** Fields for scripts, separated by tabs; a name has none of its own, for it is escaped. */
  row: (fields: readonly (string | number | null)[]) => fields.map((field) => field ?? UNKNOWN).join('\t'),
} as const
