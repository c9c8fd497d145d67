/** Commands that start, use and end Shoal in the background, in the order in which they are given on one home. */
import { failing } from './failures.ts'
import type { Row } from './rows.ts'

const NOTHING = /^$/
const STATUS = /^pid\t\d+\nbackground\tyes\n[^]*\naddress\t\/ip4\/127\S+\n(share\t\w+\t\d+\t\S+\n)*$/
const SEEN_STATUS = /^Shoal runs in the background \(pid \d+, [^)]+\)\nNetwork +private[^]*\nSharing /

const isRunning = (command: string): Row => ({
  command,
  json: /^status (share )*$/,
  result: STATUS,
  screen: SEEN_STATUS,
})

const fails = (command: string, exit: number, code: string): Row => failing({ command, exit, code })

const STOP: Row = {
  command: 'daemon stop',
  json: NOTHING,
  result: NOTHING,
  notes: /^shoal daemon: stopped, pid \d+\n$/,
  screen: /^✓ Shoal was stopped\.\n$/,
}

const RUN: Row = {
  command: 'daemon run',
  stop: /pid\t\d+[^]*address\t|"status"|Sharing {3}/,
  json: /^status $/,
  result: STATUS,
  screen: SEEN_STATUS,
}

export const BACKGROUND: readonly Row[] = [
  fails('daemon status', 6, 'ERR_NO_NODE'),
  {
    command: 'space create NEW',
    json: /^space $/,
    result: /^[0-9a-f]{64}\n$/,
    notes: /^shoal daemon: started, pid \d+\nspace film-\w+: created\n$/,
    screen:
      /^Shoal was started in the background\. To end it: shoal daemon stop\n✓ film-\w+ is a space now\.[^]*\n[0-9a-f]{64}\n! Only this device owns it\.[^]*shoal id export FILE\n$/,
  },
  STOP,
  {
    command: 'share talk.txt --detach',
    json: /^(hashing )+ready $/,
    result: /^shoal:\/\/\S+\n$/,
    notes:
      /^share talk\.txt: reading\n(share .*\n)*share talk\.txt: goes on in the background, until shoal unshare baf\w+\n+$/,
    screen:
      /Sharing talk\.txt[^]*Shoal goes on with this in the background\. To end it:\n+ *shoal unshare baf\w+\n+$/,
    isDrawn: true,
  },
  isRunning('daemon start'),
  isRunning('daemon status'),
  {
    command: 'fetch LINK -o INTO --detach',
    json: /^fetch $/,
    result: /^[0-9a-f]{12}\n$/,
    notes: /^fetch [0-9a-f]{12}: in the background, (queued|running)\n$/,
    screen: /^✓ .*\n[0-9a-f]{12}\n$/,
  },
  fails('daemon start --network lan', 2, 'ERR_USAGE'),
  fails('daemon run', 6, 'ERR_HOME_BUSY'),
  STOP,
  fails('daemon stop', 6, 'ERR_NO_NODE'),
  isRunning('daemon start --up 3MB --api-tcp off'),
  STOP,
  RUN,
]

/** The same with a service manager that does what it is told. */
export const SERVICE: readonly Row[] = [
  {
    ...isRunning('daemon install'),
    notes: /^shoal daemon: installed, \/.*\.service\n$/,
    screen: /\n✓ Shoal starts whenever you log in\. To undo that: shoal daemon uninstall \(.*\)\n$/,
  },
  isRunning('daemon status'),
  {
    command: 'daemon uninstall',
    json: NOTHING,
    result: NOTHING,
    notes: /^shoal daemon: removed, \/.*\.service\n$/,
    screen: /^✓ Shoal was stopped and does not start by itself any more\.\n$/,
  },
  fails('daemon uninstall', 1, 'ERR_SERVICE'),
]

/** While a command in front has the home. */
export const BESIDE: readonly Row[] = [
  fails('daemon start', 2, 'ERR_NOT_DAEMON'),
  fails('daemon stop', 2, 'ERR_NOT_DAEMON'),
  fails('share talk.txt --detach', 2, 'ERR_NOT_DAEMON'),
  fails('fetch LINK -o INTO --detach', 2, 'ERR_NOT_DAEMON'),
  fails('space list', 2, 'ERR_NOT_DAEMON'),
]
