/** Runs `gate-program.ts`. */
import { spawn, type ChildProcess } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const PROGRAM = fileURLToPath(new URL('gate-program.ts', import.meta.url))

export type Answer = Readonly<Record<string, unknown>>

export class Program {
  readonly child: ChildProcess
  readonly #answers: Answer[] = []
  #waiting: PromiseWithResolvers<void> | undefined

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface(this.child.stdout as NodeJS.ReadableStream).on('line', (line) => {
      this.#answers.push(JSON.parse(line) as Answer)
      this.#waiting?.resolve()
    })
    this.child.once('exit', (status) => this.#waiting?.reject(new Error(`the process ended with ${status}`)))
    onTestFinished(async () => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return
      const ended = new Promise((resolve) => this.child.once('close', resolve))
      this.child.kill('SIGKILL')
      await ended
    })
  }

  /** The next line that it prints. */
  async next(): Promise<Answer> {
    if (this.#answers.length === 0) {
      this.#waiting = Promise.withResolvers()
      await this.#waiting.promise
      this.#waiting = undefined
    }
    return this.#answers.shift() as Answer
  }

  /** What it says when asked. */
  ask(): Promise<Answer> {
    this.child.stdin?.write('\n')
    return this.next()
  }
}

export interface Victim {
  readonly program: Program
  readonly address: string
  readonly port: number
}

export async function startVictim(preset: 'public' | 'private'): Promise<Victim> {
  const program = new Program('victim', preset)
  const address = String((await program.next())['address'])
  return { program, address, port: Number(/\/tcp\/(\d+)/.exec(address)?.[1]) }
}

/** A bare socket to the victim. */
export async function rawSocket(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}
