/**
 * What it costs to decide who is asked for which block: the real scheduler for 1,000,000 tiny blocks, with providers in
 * the same process that answer at once and a sink that takes everything, beside a loop that asks for them in order and
 * decides nothing. Each case has a process of its own, so that its memory can be told, and those of one round run in
 * turn, because the speed of a shared machine drifts. JSON lines.
 * Usage: `node test/bench/asking.ts [--quick] [--beside DIR]`, where DIR is another checkout, whose scheduler runs too.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Availability } from '../../packages/node/src/transfer/availability.ts'
import { TRANSFER_LIMITS } from '../../packages/node/src/transfer/limits.ts'
import type { BlockHandler } from '../../packages/node/src/transfer/requester.ts'
import type { Scheduler } from '../../packages/node/src/transfer/scheduler.ts'
import type { BlockProvider } from '../../packages/node/src/transfer/swarm-peer.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'
import { median, print, round } from './report.ts'

const BLOCK_BYTES = 64
const MIB = 1_048_576
const OWN = fileURLToPath(new URL('../..', import.meta.url))

interface Case {
  readonly blocks: number
  readonly order: 'given' | 'rarest' | 'none'
  readonly peers: number
  /** The checkout whose scheduler it is. */
  readonly tree: string
}

interface Cost {
  /** Messages that ask. */
  readonly wants: number
  readonly cpuSeconds: number
  readonly growthMiB: number
}

/** Gives what is asked of it in the next turn of the loop, as many blocks come in one piece of a stream. */
class Provider implements BlockProvider {
  static wants = 0
  readonly availability: Availability
  readonly session = {
    isEnded: false,
    remoteName: 'provider',
    fail: (error: Error) => {
      throw error
    },
  }
  #handler: BlockHandler | undefined
  #wanted: number[] = []

  constructor(total: number) {
    this.availability = new Availability(total)
    this.availability.addAll(total)
  }

  deliverTo(handler: BlockHandler): void {
    this.#handler = handler
  }

  limitTo(): void {}

  want(blocks: readonly number[]): void {
    if (blocks.length === 0) return
    Provider.wants++
    if (this.#wanted.length === 0) setImmediate(() => this.#give())
    this.#wanted.push(...blocks)
  }

  cancel(blocks: readonly number[]): void {
    this.#wanted = this.#wanted.filter((block) => !blocks.includes(block))
  }

  #give(): void {
    const blocks = this.#wanted
    this.#wanted = []
    for (const block of blocks) {
      const buffer = this.#handler?.bufferFor(block, BLOCK_BYTES)
      if (buffer === undefined) throw new Error(`block ${block} is not welcome`)
      this.#handler?.onBlock(block, buffer)
    }
  }
}

function* numbers(end: number): Generator<number> {
  for (let i = 0; i < end; i++) yield i
}

async function schedule({ blocks, order, peers, tree }: Case): Promise<void> {
  const module: unknown = await import(
    pathToFileURL(resolve(tree, 'packages/node/src/transfer/scheduler.ts')).href
  )
  const Type = (module as { Scheduler: typeof Scheduler }).Scheduler
  await measure(async () => {
    let verified = 0
    const scheduler = new Type({
      needed: numbers(blocks),
      order: order === 'rarest' ? 'rarest' : 'given',
      total: blocks,
      limits: TRANSFER_LIMITS,
      seams: systemSeams,
      onVerified: () => verified++,
      sink: { lengthOf: () => BLOCK_BYTES, sizeOf: () => BLOCK_BYTES, accept: async () => true },
    })
    for (let i = 0; i < peers; i++) void scheduler.addPeer(new Provider(blocks))
    await scheduler.done
    if (verified !== blocks) throw new Error('not each block once')
  })
}

/** The same providers and the same sink, and nothing decided. */
async function askInOrder({ blocks, peers }: Case): Promise<void> {
  await measure(async () => {
    const done = Promise.withResolvers<void>()
    const accept = async (): Promise<boolean> => true
    let next = 0
    let verified = 0
    const ask = (provider: Provider): void => {
      const end = Math.min(blocks, next + TRANSFER_LIMITS.windowBlocks / 2)
      provider.want(Array.from({ length: end - next }, () => next++))
    }
    for (let i = 0; i < peers; i++) {
      const provider = new Provider(blocks)
      let owed = TRANSFER_LIMITS.windowBlocks / 2
      provider.deliverTo({
        bufferFor: (_, length) => new Uint8Array(new SharedArrayBuffer(length)),
        onBlock: () => {
          void accept().then(() => {
            if (++verified === blocks) done.resolve()
            if (--owed > 0) return
            owed = TRANSFER_LIMITS.windowBlocks / 2
            ask(provider)
          })
        },
        onNo: () => {},
        onEnd: () => {},
      })
      ask(provider)
    }
    await done.promise
  })
}

async function measure(run: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage()
  const beforeBytes = process.memoryUsage.rss()
  await run()
  const { user, system } = process.cpuUsage(before)
  const growthMiB = (process.resourceUsage().maxRSS * 1_024 - beforeBytes) / MIB
  print({ cpuSeconds: (user + system) / 1e6, growthMiB, wants: Provider.wants } satisfies Cost)
}

function runAlone(each: Case): Cost {
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--semi-space-growth-factor=1', fileURLToPath(import.meta.url), '--case', JSON.stringify(each)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  if (status !== 0) throw new Error(`${JSON.stringify(each)} failed`)
  return JSON.parse(stdout) as Cost
}

function compare(beside: string | undefined, blocks: number, rounds: number): void {
  const trees = { ours: OWN, ...(beside === undefined ? {} : { beside }) }
  for (const peers of [1, 8]) {
    for (const order of ['given', 'rarest'] as const) {
      const sides: Record<string, Case> = { bare: { blocks, order: 'none', peers, tree: OWN } }
      for (const [side, tree] of Object.entries(trees)) sides[side] = { blocks, order, peers, tree }
      const costs = new Map(Object.keys(sides).map((side) => [side, [] as Cost[]]))
      for (let i = 0; i < rounds; i++) {
        for (const [side, each] of Object.entries(sides)) costs.get(side)?.push(runAlone(each))
      }
      const facts: Record<string, number> = {}
      for (const [side, all] of costs) {
        facts[`${side}CpuSeconds`] = round(median(all.map(({ cpuSeconds }) => cpuSeconds)))
        facts[`${side}GrowthMiB`] = round(median(all.map(({ growthMiB }) => growthMiB)))
      }
      const ratioToBare = round((facts['oursCpuSeconds'] as number) / (facts['bareCpuSeconds'] as number))
      print({ type: 'asking', blocks, order, peers, rounds, ...facts, ratioToBare })
    }
  }
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, beside: { type: 'string' }, case: { type: 'string' } },
})
if (values.case === undefined) {
  compare(values.beside, values.quick === true ? 100_000 : 1_000_000, values.quick === true ? 1 : 3)
} else {
  const each = JSON.parse(values.case) as Case
  await (each.order === 'none' ? askInOrder(each) : schedule(each))
}
