/** A terminal of its own for a command: script(1) makes one. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'

/** The shell lives on when Ctrl-C reaches all of them, to say how the command ended. */
const PREPARE = 'trap : INT; stty cols 100 rows 50'
const POLL_MS = 20
const WAIT_MS = 30_000

export const hasTerminal: boolean =
  process.platform === 'linux' && spawnSync('script', ['--version']).error === undefined
/** For the name of what is skipped without one. */
export const WHY_NO_TERMINAL: string = hasTerminal ? '' : ' (there is no script(1) to make a terminal)'

export class Terminal {
  readonly child: ChildProcess
  /** The exit status of the command line. */
  readonly ended: Promise<number | null>
  /** Everything that was written, with what moves the cursor. */
  text = ''

  /** @param line a command line of sh */
  constructor(line: string, env: NodeJS.ProcessEnv, cwd?: string) {
    const args = ['--quiet', '--return', '--command', `${PREPARE}; ${line}`, '/dev/null']
    this.child = spawn('script', args, { stdio: 'pipe', env: { TERM: 'xterm-256color', ...env }, cwd })
    this.child.stdout?.setEncoding('utf8').on('data', (part: string) => (this.text += part))
    this.ended = new Promise((resolve) => this.child.on('close', resolve))
  }

  type(keys: string): void {
    this.child.stdin?.write(keys)
  }

  /** Waits until it shows something; fails when the command ends before. */
  async sees(what: RegExp): Promise<void> {
    const deadline = performance.now() + WAIT_MS
    while (!what.test(this.text)) {
      if (this.child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`waited in vain for ${String(what)} on the terminal: ${this.text}`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** Words as sh reads them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
}
