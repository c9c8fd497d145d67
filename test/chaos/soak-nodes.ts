/**
 * The nodes of the soak, a few in each of a few processes. Not one in each: sixteen processes would import the network
 * library sixteen times, and a node that is stopped and started in a process that lives on leaves there whatever
 * its end forgets.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ControlClient, homePaths } from '@shoal/node/control'
import { onTestFinished } from 'vitest'
import { ALLOCATOR } from '../../packages/cli/src/daemon/allocator.ts'
import type { Answer, OrderBody, Sample } from './soak-orders.ts'

const PROGRAM = fileURLToPath(new URL('./soak-program.ts', import.meta.url))

class NodeProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #orders = 0

  constructor(folder: string) {
    this.#child = fork(PROGRAM, [folder], {
      execArgv: ['--expose-gc'],
      env: { ...ALLOCATOR, ...process.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', ({ id, value, error }: Answer) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(value)
      else waiting?.reject(new Error(error))
    })
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`its process ended with ${code ?? signal}`))
    })
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  order(body: OrderBody): Promise<unknown> {
    const id = this.#orders++
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiting)
    this.#child.send({ ...body, id })
    return waiting.promise
  }
}

export class SoakNodes {
  readonly count: number
  readonly #folder: string
  readonly #processes: NodeProcess[]
  /** Of the first node, through which the others join the DHT. */
  #bootstrap: readonly string[] = []

  constructor(folder: string, count: number, processes: number) {
    this.#folder = folder
    this.count = count
    this.#processes = Array.from({ length: processes }, () => new NodeProcess(folder))
  }

  async startAll(): Promise<void> {
    this.#bootstrap = await this.start(0)
    await Promise.all(Array.from({ length: this.count - 1 }, (_, i) => this.start(i + 1)))
  }

  /** Returns its addresses. */
  async start(node: number): Promise<string[]> {
    const order = { do: 'start', node, bootstrap: this.#bootstrap } as const
    return (await this.#processOf(node).order(order)) as string[]
  }

  async stop(node: number): Promise<void> {
    await this.#processOf(node).order({ do: 'stop', node })
  }

  /** A new client, as each command has one. */
  async client(node: number): Promise<ControlClient> {
    const client = await ControlClient.connect(homePaths(join(this.#folder, `home-${node}`), {}))
    if (client === undefined) throw new Error(`node ${node} does not answer`)
    return client
  }

  /** Of each process. */
  async sample(): Promise<Sample[]> {
    const all = Array.from({ length: this.count }, (_, node) => node)
    return (await Promise.all(
      this.#processes.map((process) =>
        process.order({ do: 'sample', nodes: all.filter((node) => this.#processOf(node) === process) }),
      ),
    )) as Sample[]
  }

  #processOf(node: number): NodeProcess {
    return this.#processes[node % this.#processes.length] as NodeProcess
  }
}
