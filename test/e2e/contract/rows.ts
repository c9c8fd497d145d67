/**
 * The contract of the command in rows: what is typed, with which status it ends, and what each form of output gets.
 * Words in capitals stand for what is known only when it runs (world.ts).
 */
export interface Row {
  readonly command: string
  /** @defaultValue 0 */
  readonly exit?: number
  /** The error that it ends with. */
  readonly code?: string
  /** Types of the lines of --json, each with a space behind it. */
  readonly json: RegExp
  /** The result in a pipe. */
  readonly result: RegExp
  /** What is said beside the result in a pipe. @defaultValue nothing */
  readonly notes?: RegExp
  /** What a person sees, without what moves the cursor. */
  readonly screen: RegExp
  /** A terminal is drawn on while it goes on. */
  readonly isDrawn?: boolean
  /** The result is content: lines of --json are on standard error. */
  readonly isContent?: boolean
  /** The result is lines of JSON in every form. */
  readonly printsJson?: boolean
  /** Comes from a pipe. */
  readonly input?: string
  /** Is typed when the terminal asks for a link; in the other forms it comes from a pipe. */
  readonly typed?: string
  /** A link that stands in the environment. */
  readonly env?: string
  /** Ctrl-C follows once this was printed. */
  readonly stop?: RegExp
  /** Where it makes sense. @defaultValue with and without Shoal in the background */
  readonly only?: 'alone' | 'daemon'
}

const NOTHING = /^$/
const LINK = /^shoal:\/\/\S+\n$/
const SHARED = /shoal:\/\//
const FETCHED = /^(progress )*(file )+(progress )*done $/

export const SHARING: readonly Row[] = [
  {
    command: 'share talk.txt',
    stop: SHARED,
    json: /^(hashing )*ready (served )*$/,
    result: LINK,
    notes: /^share talk\.txt: reading\n(share .*\n)*share talk\.txt: stopped, sent \d+ bytes\n$/,
    screen: /Sharing talk\.txt {3}15 B, private link\n\nshoal:\/\/[^]*Stopped sharing talk\.txt\.\n$/,
    isDrawn: true,
  },
  {
    command:
      'share holiday talk.txt --public --preserve --name both --exclude *.jpg --skip-unreadable --fresh',
    stop: SHARED,
    json: /^(hashing )+ready (served )*$/,
    result: LINK,
    notes: /^share both: reading\n(share .*\n)*share both: stopped, sent \d+ bytes\n$/,
    screen: /Sharing both {3}2 files, 30 B, public\n[^]*Anyone can find[^]*Stopped sharing both\.\n$/,
    isDrawn: true,
  },
  {
    command: 'share - --name said',
    input: 'said',
    stop: SHARED,
    json: /^(hashing )*ready (served )*$/,
    result: LINK,
    notes: /^share said: reading\n(share .*\n)*share said: stopped, sent \d+ bytes\n$/,
    screen: /Sharing said {3}4 B, private link\n[^]*Stopped sharing said\.\n$/,
    isDrawn: true,
  },
  {
    command: 'share talk.txt --for 1s --up 1MB',
    json: /^(hashing )*ready $/,
    result: LINK,
    notes: /^share talk\.txt: reading\n(share .*\n)*share talk\.txt: stopped, sent 0 bytes\n$/,
    screen: /Stopped sharing talk\.txt\.\n$/,
    isDrawn: true,
  },
  {
    command: 'shares',
    json: /^(share )+$/,
    result: /^((serving|stopped|stale)\t\d+\t[^\t]+\tshoal:\/\/\S+\n)+$/,
    screen: /^((sharing|stopped|changed) +[\d.]+ \w+ {2}\S+\n {2}shoal:\/\/\S+\n)+$/,
  },
  {
    command: 'unshare OWN_LINK',
    json: /^share $/,
    result: NOTHING,
    notes: /^unshare \w+\.txt: done, its link no longer works\n$/,
    screen: /^✓ Not sharing \w+\.txt any more\. Its link no longer works\.\n$/,
  },
]

export const FETCHING: readonly Row[] = [
  {
    command: 'fetch LINK -o INTO',
    json: FETCHED,
    result: /^\/.*\/into-\d+\/talk\.txt\n$/,
    notes:
      /^fetch: looking for a source\nfetch talk\.txt: 1 file, 15 bytes\n(fetch .*\n)*fetch talk\.txt: done, 15 bytes, [\d.]+ s\n$/,
    screen: /✓ talk\.txt {3}15 B in .*, every byte checked\n\/.*\/into-\d+\/talk\.txt\n$/,
    isDrawn: true,
  },
  {
    command: 'fetch - -o INTO --wait 20s',
    typed: 'LINK',
    json: FETCHED,
    result: /^\/.*\/into-\d+\/talk\.txt\n$/,
    notes: /^fetch: looking for a source\n[^]*done, 15 bytes, [\d.]+ s\n$/,
    screen: /Paste the link, then press Enter: [^]*✓ talk\.txt[^]*\/talk\.txt\n$/,
    isDrawn: true,
  },
  {
    command: 'fetch FOLDER_LINK -o INTO --only *.jpg --overwrite --down 1MB',
    json: FETCHED,
    result: /^\/.*\/into-\d+\/holiday\n$/,
    notes: /^fetch: looking for a source\nfetch holiday: 1 file, 3 bytes\n[^]*done, 3 bytes, [\d.]+ s\n$/,
    screen: /✓ holiday {3}3 B in .*\n\/.*\/into-\d+\/holiday\n$/,
    isDrawn: true,
  },
  {
    command: 'fetch LINK -o INTO --seed',
    stop: /serving it to others|Serving it to others|"done"/i,
    json: /^(progress )*file (progress )*done (served )*$/,
    result: /^\/.*\/into-\d+\/talk\.txt\n$/,
    notes:
      /\nfetch talk\.txt: serving it to others under the same link\n(fetch .*\n)*fetch talk\.txt: stopped serving, sent \d+ bytes\n$/,
    screen: /Serving it to others under the same link now\. Ctrl-C stops that\.\n/,
    isDrawn: true,
  },
  {
    command: 'fetch LINK -o -',
    isContent: true,
    json: /^(progress )*done $/,
    result: /^What was said\.\n$/,
    notes: /^fetch talk\.txt: done, 15 bytes, [\d.]+ s\n$/,
    screen: /^What was said\.\n$/,
  },
  {
    command: 'fetches',
    json: /^(fetch ){3,}$/,
    result: /^([0-9a-f]{12}(\t[^\t\n]+){7}\n){3,}$/,
    notes: /^(fetches: nothing goes on, for Shoal does not run in the background\n)?$/,
    screen: /^[0-9a-f]{12} {2}\w+[^]*\n {2}to \//,
  },
  ...(['pause', 'resume', 'cancel'] as const).map((action) => ({
    command: `fetches ${action} ID`,
    json: /^fetch $/,
    result: NOTHING,
    notes: /^fetch [0-9a-f]{12}: (paused|queued|running|waiting|cancelled)\n$/,
    screen: /^✓ /,
  })),
]

export const LOOKING: readonly Row[] = [
  {
    command: 'ls -',
    env: 'FOLDER_LINK',
    json: /^(entry ){3}$/,
    result: /^0\t\S+Z\tday 1\/\n3\t\S+Z\tday 1\/sea\.jpg\n15\t\S+Z\ttalk\.txt\n$/,
    screen: / {2}talk\.txt\n$/,
    isDrawn: true,
  },
  {
    command: 'ls FOLDER_LINK talk.txt --wait 20s',
    json: /^entry $/,
    result: /^15\t\S+Z\ttalk\.txt\n$/,
    screen: /15 B {2}\S+ \S+ {2}talk\.txt\n$/,
    isDrawn: true,
  },
  {
    command: 'cat FOLDER_LINK talk.txt',
    isContent: true,
    json: /^(progress )+$/,
    result: /^What was said\.\n$/,
    screen: /^What was said\.\n$/,
  },
  {
    command: 'cat LINK --range 0-3 --wait 20s',
    isContent: true,
    json: /^(progress )+$/,
    result: /^What$/,
    screen: /^What$/,
  },
  {
    command: 'verify talk.txt LINK --wait 20s',
    json: /^(hashing )*done $/,
    result: NOTHING,
    notes:
      /^verify talk\.txt: looking for a source\n(verify .*\n)*verify talk\.txt: the same, 15 bytes, [\d.]+ s\n$/,
    screen: /✓ talk\.txt {3}15 B in .*, the same as in the link\n$/,
    isDrawn: true,
  },
]

export const DEVICE: readonly Row[] = [
  { command: 'id', json: /^id $/, result: /^12D3Koo\w+\n$/, screen: /^12D3Koo\w+\n$/ },
  {
    command: 'id export INTO --passphrase-file pass.txt',
    json: /^id $/,
    result: /^12D3Koo\w+\n$/,
    notes: /^id export: \/\S+\nid export: \d+ spaces?, links of \d+ shares?\n$/,
    screen:
      /^12D3Koo\w+\n✓ Saved to \S+\. Who has it [^]*\n✓ With it: \d+ spaces?, links of \d+ shares?\.[^]*\n$/,
  },
  {
    command: 'id import kept.shoal-id --passphrase-file pass.txt --home INTO',
    json: /^id $/,
    result: /^12D3Koo\w+\n$/,
    notes: /^id import: \/\S+\nid import: \d+ spaces?, links of \d+ shares?\n$/,
    screen:
      /^12D3Koo\w+\n✓ \S+ has the identity of \S+\. Use it [^]*\n✓ With it: \d+ spaces?, links of \d+ shares?\.[^]*\n$/,
  },
  {
    command: 'doctor',
    json: /^(finding ){10,}$/,
    result: /^((ok|warning|problem)\t[^\t]+\t[^\t]+\t[^\t]+\n){10,}$/,
    screen: /\n✓ Shoal [^]*\n\d+ fine[^]*shoal doctor --json\n$/,
    isDrawn: true,
  },
  {
    command: 'status',
    only: 'daemon',
    json: /^status (share )+$/,
    result: /^pid\t\d+\nbackground\tyes\n[^]*address\t\/ip4\/127\S+\n(share\t\w+\t\d+\t\S+\n)+$/,
    screen: /^Shoal runs in the background \(pid \d+, [^)]+\)\nNetwork +private[^]*\nSharing +\d/,
  },
  {
    command: 'peers',
    only: 'daemon',
    json: /^(peer )+$/,
    result: /^(12D3Koo\w+\tdirect\t(in|out)\t\d+\t(shoal|other|-)\t\S+\n)+$/,
    screen: /^\d Shoal device[^]*\n.*direct/,
  },
  {
    command: 'config set up 500kB',
    json: /^config $/,
    result: NOTHING,
    notes: /^config up: 500000\n$/,
    screen: /^✓ up is set to 500 kB\/s\.\n$/,
  },
  { command: 'config get up', json: /^config $/, result: /^500000\n$/, screen: /^500000\n$/ },
  {
    command: 'config set up default',
    json: /^config $/,
    result: NOTHING,
    notes: /^config up: default, 0\n$/,
    screen: /^✓ up is as usual again: no limit\.\n$/,
  },
  {
    command: 'config list',
    json: /^(config ){7,}$/,
    result: /^([\w-]+\t(set|default)(\t\S+)*\n){7,}$/,
    screen: /^network +public {2}\(default\)\n/,
  },
]

/** What prints a text and nothing else, in every form. */
export const TEXTS: readonly (readonly [command: string, text: RegExp])[] = [
  ['--help', /^Share files straight between devices\.[^]*--help\n$/],
  ['share --help', /^Prints a link[^]*exit/i],
  ['help fetch', /^Downloads what a link points to/],
  ['--version', /^\d+\.\d+\.\d+\n$/],
  ['completions bash', /complete .*shoal/],
]
