/** Runs `gate-program.ts` and dials its victim. */
import { spawn, type ChildProcess } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p'
import { onTestFinished } from 'vitest'

const PROGRAM = fileURLToPath(new URL('gate-program.ts', import.meta.url))

export type Answer = Readonly<Record<string, unknown>>

export class Program {
  readonly child: ChildProcess
  readonly #answers: Answer[] = []
  #waiting: ((answer: Answer) => void) | undefined

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface(this.child.stdout as NodeJS.ReadableStream).on('line', (line) => {
      this.#answers.push(JSON.parse(line) as Answer)
      this.#waiting?.(this.#answers[0] as Answer)
    })
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
      await new Promise<void>((resolve, reject) => {
        this.#waiting = () => resolve()
        this.child.once('exit', (status) => reject(new Error(`the process ended with ${status}`)))
      })
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

/** A stock host that dials from `localAddress`. */
export async function startDialer(localAddress: string, options: Libp2pOptions = {}): Promise<Libp2p> {
  const dialOpts = { localAddress }
  const dialer = await createLibp2p({
    transports: [tcp({ dialOpts: dialOpts as object })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    ...options,
  })
  onTestFinished(async () => {
    await dialer.stop()
  })
  return dialer
}

/** A bare socket to the victim. */
export async function rawSocket(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}
