/**
 * What commands tell people while they run and at their end, on a terminal and in plain lines. A test holds all
 * files here to the word list of the interface: words of the machine room (root, peer, hash, ...) do not appear in
 * them.
 */
import { escapeForDisplay, type FoundBy, type StatusEvent } from '@shoal/node/control'
import { formatBytes, formatCount, formatDayTime, formatDuration, formatRate } from '../format.ts'
import { devices, files, joined, sources, visibility } from './words.ts'

/** Word for word as in the interface brief: each is true, and a change needs a look at what the engine does. */
export const PRIVACY = {
  private:
    'Anyone who has the whole link can open this. Without it nobody can read the files or their names, not even devices that pass them on.',
  public:
    'Anyone can find, read and re-share this, even without your link. It is announced to the public network (or the network in use). Stopping does not remove copies that others took.',
  stopped:
    'This ends sharing on this device. Devices that already have files, or parts of them, can go on passing them to anyone with the link.',
} as const

interface Window {
  readonly columns: number
  readonly rows: number
}

const reached = ({ discovery }: StatusEvent): string => (discovery.dht?.known === 0 ? 'not reached yet' : '')
const announcing = (count: number): string => (count === 0 ? '' : `${count} still to be announced`)
/** What a device is called of which only the id is known: its end, for all begin alike. */
export const deviceName = (id: string): string => `device ${escapeForDisplay(id.slice(-4))}`

const limit = (way: string, rate: number): string => (rate === 0 ? '' : `${way} ${formatRate(rate)}`)
const limits = ({ up, down, bandwidth: { scheduled, until } }: StatusEvent): string[] => {
  const what = joined(limit('up', up), limit('down', down))
  if (!scheduled) return what === '' ? [] : [`Limits    ${what}`]
  const when = until === null ? '' : ` until ${formatDayTime(until)}`
  return [`Limits    ${what === '' ? 'none' : what}, by your schedule${when}`]
}
const pause = ({ bandwidth }: StatusEvent): string[] =>
  bandwidth.pause === null
    ? []
    : [
        `Waiting   downloads in the background, ${
          bandwidth.pause === 'metered' ? 'for the connection is metered' : 'as your schedule says'
        }`,
      ]

/** Said only while it matters, or where more is asked for. */
const loop = ({ loop: { delayMs, shedding, shed } }: StatusEvent, isVerbose: boolean): string[] =>
  shedding || isVerbose
    ? [
        `Load      ${joined(
          shedding ? 'more than this device can do; newcomers wait' : 'keeps up',
          `${delayMs} ms late`,
          `${shed} turned away`,
        )}`,
      ]
    : []

/** Where devices that have something are heard of. Nobody is asked of others where nobody is connected. */
const PLACES: Readonly<Record<FoundBy, string>> = {
  self: '',
  link: 'the sender',
  peer: 'devices that you named',
  seen: 'devices met before',
  lan: 'this local network',
  dht: 'the network',
  exchange: '',
}
const asking = (places: readonly FoundBy[]): string => {
  const names = joined(...places.map((place) => PLACES[place]))
  return names === '' ? '' : `Asking: ${names}.`
}

const KEEPS = 'Ctrl-C keeps what is here.'

export const TERMINAL = {
  reading: (name: string) => `Reading ${name}`,
  sharing: (name: string) => `Sharing ${name}`,
  ready: (content: { files: number; bytes: number; isFolder: boolean; isPrivate: boolean }) =>
    joined(
      content.isFolder ? files(content.files) : '',
      formatBytes(content.bytes),
      visibility(content.isPrivate),
    ),
  keepRunning: 'Keep this running until they have it.',
  stopKey: 'Ctrl-C stops sharing.',
  /** @param name the part of the link that is no secret */
  detached: (name: string) => [
    'Shoal goes on with this in the background. To end it:',
    `shoal unshare ${name}`,
  ],
  /** Each a key and what it does, which stay on one line. */
  shareKeys: ['q  QR code  ', 'c  copy link  ', 'Ctrl-C  stop sharing'],
  copied: 'The link was handed to the clipboard, if this terminal allows that.',
  noQrCode: 'This terminal cannot show a QR code: it has only plain letters. Copy the link instead.',
  smallForQrCode: (needed: Window, has: Window) =>
    `This window is too small for a QR code: that takes ${needed.columns} columns and ${needed.rows} rows, and here are ${has.columns} and ${has.rows}. Make it larger, then press q again.`,
  receivers: (downloading: number, finished: number) =>
    joined(
      downloading === 0 ? '' : `${downloading} downloading`,
      finished === 0 ? '' : `${finished} finished`,
    ),
  nobodyYet: 'nobody connected',
  connected: (count: number) => `${devices(count)} connected`,
  sent: (bytes: number) => `sent ${formatBytes(bytes)}`,
  stoppedSharing: (name: string, sentBytes: number) =>
    sentBytes > 0 ? `Stopped sharing ${name}. Sent ${formatBytes(sentBytes)}.` : `Stopped sharing ${name}.`,
  starting: 'Starting',
  searching: 'Looking for a source',
  waiting: (seconds: number) => `waiting ${formatDuration(Math.round(seconds))}`,
  asking,
  /** @param lastSeen who left last, and how long ago; undefined: nobody was there yet */
  nobodyOnline: (lastSeen: { id: string; seconds: number } | undefined, places: readonly FoundBy[]) =>
    [
      'Nobody who has this is online.',
      ...(lastSeen === undefined
        ? []
        : [`Last seen: ${deviceName(lastSeen.id)}, ${formatDuration(Math.round(lastSeen.seconds))} ago.`]),
      'It goes on by itself.',
      ...(asking(places) === '' ? [] : [asking(places)]),
      KEEPS,
    ].join(' '),
  keeps: KEEPS,
  nothingComes:
    'No data is coming at the moment. It goes on by itself when it does. Ctrl-C keeps what is here.',
  filesDone: (done: number, total: number) => `${formatCount(done)} of ${files(total)}`,
  /** Files that have no row: some of them are on their way, and of the others nothing came yet. */
  otherFiles: (begun: number, waiting: number) => {
    const others = joined(
      begun === 0 ? '' : `${formatCount(begun)} under way`,
      waiting === 0 ? '' : `${formatCount(waiting)} waiting`,
    )
    return others === '' ? '' : `+ ${others}`
  },
  finishing: 'writing to disk',
  /** @param count from how many it came; 0 where that is not known */
  done: (bytes: number, seconds: number, count = 0) => {
    const rate = formatRate(bytes / Math.max(seconds, 0.001))
    const took = `${formatBytes(bytes)} in ${formatDuration(seconds)}`
    const from = count === 0 ? '' : sources(count)
    return joined(rate === '' ? took : `${took} (${rate})`, from, 'every byte checked')
  },
  same: (bytes: number, seconds: number) =>
    `${formatBytes(bytes)} in ${formatDuration(seconds)}, the same as in the link`,
  alreadyHere: (bytes: number) => `${formatBytes(bytes)} was already here`,
  keepSeeding: 'Serving it to others under the same link now. Ctrl-C stops that.',
  row: (size: string, time: string, name: string) => `${size}  ${time}  ${name}`,
  unknown: '-',
  status: (
    status: StatusEvent,
    shared: { count: number; bytes: number },
    isVerbose: boolean,
  ): readonly string[] => [
    `${status.daemon ? 'Shoal runs in the background' : 'Shoal runs'} (pid ${status.pid}, ${formatDuration(Math.floor(status.uptime))})`,
    `Network   ${joined(
      status.network,
      formatCount(status.addresses.length, 'address', 'addresses'),
      `${devices(status.discovery.connected)} connected`,
      reached(status),
    )}`,
    shared.count === 0
      ? 'Sharing   nothing'
      : `Sharing   ${joined(
          formatCount(shared.count, 'item', 'items'),
          formatBytes(shared.bytes),
          announcing(status.discovery.dht?.waiting ?? 0),
        )}`,
    ...(status.api === null ? [] : [`Programs  ${status.api}`]),
    ...limits(status),
    ...pause(status),
    ...loop(status, isVerbose),
  ],
  noLimit: 'no limit',
  noValue: 'none',
  isDefault: '(default)',
  configSet: (key: string, value: string) => `${key} is set to ${value}.`,
  configReset: (key: string, value: string) => `${key} is as usual again: ${value}.`,
  /** Of what runs, which keeps what it was started with. */
  configLater: 'The Shoal that runs goes by that when it is started again.',
  statusStale: (name: string) => `${name} changed since you shared it`,
  daemonStopped: 'Shoal was stopped.',
  installed: (file: string) =>
    `Shoal starts whenever you log in. To undo that: shoal daemon uninstall (${file})`,
  uninstalled: 'Shoal was stopped and does not start by itself any more.',
  unshared: (name: string) => `Not sharing ${name} any more. Its link no longer works.`,
  moreWarnings: (count: number) => `and ${formatCount(count, 'warning', 'warnings')} more like these`,
} as const

/** Settings that are on or off, as they are typed and shown. */
export const SWITCH = { on: 'on', off: 'off' } as const

/** What service managers show. */
export const SERVICE = { description: 'Shoal: shares files straight between devices' } as const

/** What people are told of the state of a share; scripts get its own word. */
export const SHARE_STATES = { serving: 'sharing', stopped: 'stopped', stale: 'changed' } as const

export const WARNINGS = {
  linkChanged:
    'The Shoal that served this ended, and what is shared was changed since: this command goes on by itself with a new link.',
  stalled: (seconds: number) => `no data for ${seconds} s`,
  nobodyOnline: (seconds: number) => `no source online for ${seconds} s`,
} as const

interface Along {
  readonly spaces: number
  readonly shares: number
}

const whatGoesAlong = ({ spaces, shares }: Along): string =>
  `${formatCount(spaces, 'space', 'spaces')}, links of ${formatCount(shares, 'share', 'shares')}`

/** Of `shoal id export` and `import`. */
export const ID_TEXTS = {
  export: (file: string) => ({
    terminal: `Saved to ${escapeForDisplay(file)}. Who has it and its passphrase can appear as this device and open what it shared.`,
    plain: `id export: ${escapeForDisplay(file)}`,
  }),
  exported: (along: Along) => ({
    terminal: `With it: ${whatGoesAlong(along)}. Files stay where they are.`,
    plain: `id export: ${whatGoesAlong(along)}`,
  }),
  import: (file: string, home: string) => ({
    terminal: `${escapeForDisplay(home)} has the identity of ${escapeForDisplay(file)}. Use it on one device at a time.`,
    plain: `id import: ${escapeForDisplay(file)}`,
  }),
  imported: (along: Along) => ({
    terminal: `With it: ${whatGoesAlong(along)}. Files do not come along: shoal shares prints the links to download them.`,
    plain: `id import: ${whatGoesAlong(along)}`,
  }),
} as const

export const PROMPTS = {
  link: 'Paste the link, then press Enter: ',
  newPassphrase: 'A passphrase for the file, which is not shown: ',
  passphraseAgain: 'The same again: ',
  passphrase: 'The passphrase of the file, which is not shown: ',
} as const
