/** The `shoal` command as a process whose output is bytes. Needs `tsc -b`. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { LOOPBACK_FLAGS, SHOAL } from '../bench/processes.ts'
import { temporaryFolder } from './nodes.ts'

const WAIT_MS = 30_000
const POLL_MS = 20

export type Json = Record<string, unknown>

export interface ShoalOptions {
  readonly cwd?: string
  /** @defaultValue that of the tests */
  readonly env?: NodeJS.ProcessEnv
  /** null leaves it open. @defaultValue nothing */
  readonly stdin?: string | null
}

export class Shoal {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  readonly #out: Buffer[] = []
  stderr = ''

  constructor(args: readonly string[], { cwd, env, stdin = '' }: ShoalOptions = {}) {
    this.child = spawn(process.execPath, [SHOAL, ...args], { cwd, env, stdio: 'pipe' })
    if (stdin !== null) this.child.stdin?.end(stdin)
    this.child.stdout?.on('data', (bytes: Buffer) => this.#out.push(bytes))
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = new Promise((resolve) => this.child.on('close', (status) => resolve(status)))
    onTestFinished(async () => {
      this.child.kill('SIGKILL')
      await this.ended
    })
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#out)
  }

  get text(): string {
    return String(this.stdout)
  }

  /** Lines of JSON on stdout, or on stderr where stdout has content. */
  events(from: 'stdout' | 'stderr' = 'stdout'): Json[] {
    const lines = String(this[from]).split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as Json)
  }

  /** The first event of this type, or a later one, when it comes. */
  event(type: string, count = 1): Promise<Json> {
    const find = (): Json | undefined => this.events().filter((event) => event['type'] === type)[count - 1]
    return this.until(find, `event ${type}`)
  }

  /** The link on stdout of a share without --json, when it comes. */
  link(): Promise<string> {
    return this.until(() => /^shoal:\/\/\S+(?=\n)/m.exec(this.text)?.[0], 'a link')
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  /** Waits for what `read` finds; fails when the process ends before. */
  async until<T>(read: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
    const deadline = performance.now() + WAIT_MS
    for (;;) {
      const value = await read()
      if (value !== undefined) return value
      const isOver = this.child.exitCode !== null || performance.now() > deadline
      if (isOver) throw new Error(`waited in vain for ${what}: ${this.text.slice(0, 500)}${this.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** Runs a command to its end. */
export async function run(...args: readonly string[]): Promise<Shoal & { status: number | null }> {
  const shoal = new Shoal(args)
  return Object.assign(shoal, { status: await shoal.ended })
}

/** Flags of a node on loopback with a home of its own. */
export async function own(home?: string): Promise<string[]> {
  const folder = home ?? join(await temporaryFolder(), 'home')
  return ['--home', folder, ...LOOPBACK_FLAGS]
}

/** The link of a share that goes on until the test ends. */
export async function share(path: string, ...flags: readonly string[]): Promise<string> {
  return String((await new Shoal(['share', path, '--json', ...flags]).event('ready'))['link'])
}
