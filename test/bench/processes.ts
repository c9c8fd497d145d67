/** Runs a program and watches what it costs: processor time and peak memory, as the system counts them (Linux). */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'

/** Between two looks at a process, in milliseconds. */
const LOOK_MS = 20
/** Clock ticks a second of /proc: fixed at 100 by the kernel's user interface. */
const TICKS = 100

export const SHOAL = fileURLToPath(new URL('../../packages/cli/bin/shoal.js', import.meta.url))

/** Options of a command that stays on this machine. */
export const LOOPBACK_FLAGS = ['--network', 'private', '--listen', '/ip4/127.0.0.1/tcp/0'] as const

/**
 * Touches and frees memory. A virtual machine that gives freed pages back to its host pays for the first touch of
 * page cache, seconds for each GiB, at random: without this a run measures the host.
 */
export function warmMemory(gib: number): void {
  const code = `for (let i = 0; i < ${Math.ceil(gib * 4)}; i++) (globalThis.held ??= []).push(Buffer.alloc(2 ** 28, 1))`
  spawnSync(process.execPath, ['-e', code], { stdio: 'ignore' })
}

export interface Cost {
  /** User and system seconds, with those of its own children that ended. */
  readonly cpuSeconds: number
  /** Peak resident memory in MiB. */
  readonly peakMiB: number
}

export interface JsonEvent {
  readonly type: string
  readonly [key: string]: unknown
}

/** A child that prints one JSON object a line. */
export class Watched {
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  readonly startedMs: number = performance.now()
  #events: JsonEvent[] = []
  #waiting: (() => void)[] = []
  #cost: Cost = { cpuSeconds: 0, peakMiB: 0 }
  #timer: NodeJS.Timeout

  /** @param program what runs the script */
  constructor(
    script: string,
    args: readonly string[],
    env: Record<string, string> = {},
    program = process.execPath,
  ) {
    this.child = spawn(program, [script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      this.#events.push(JSON.parse(line) as JsonEvent)
      this.#look()
      this.#wake()
    })
    this.exited = new Promise((resolve) => {
      this.child.on('exit', (code) => {
        clearInterval(this.#timer)
        resolve(code)
        this.#wake()
      })
    })
  }

  /** The first event of a type; fails when the process ends without it. */
  async event(type: string): Promise<JsonEvent> {
    for (;;) {
      const found = this.#events.find((event) => event.type === type)
      if (found !== undefined) return found
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`ended without "${type}": ${JSON.stringify(this.#events.at(-1))}`)
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** The newest event of a type, if there was one. */
  last(type: string): JsonEvent | undefined {
    return this.#events.findLast((event) => event.type === type)
  }

  /** What it cost so far; after the end, up to the last look. */
  get cost(): Cost {
    if (this.child.exitCode === null) this.#look()
    return this.#cost
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGTERM')
    await this.exited
  }

  #look(): void {
    const { pid } = this.child
    if (pid === undefined) return
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const cpuSeconds = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS
      const status = readFileSync(`/proc/${pid}/status`, 'latin1')
      const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024
      this.#cost = { cpuSeconds, peakMiB: Math.max(this.#cost.peakMiB, peak) }
    } catch {
      // It ended between two looks, or this is no Linux: the last figures stand.
    }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
