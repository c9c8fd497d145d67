/**
 * What it costs to decide who is asked for which block: the real scheduler and requesters for 1,000,000 tiny blocks,
 * with providers in the same process that answer at once and a sink that takes everything, beside a loop that asks for
 * them in order and decides nothing. Each case has a process of its own, so that its memory can be told, and those of one round run in
 * turn, because the speed of a shared machine drifts. JSON lines.
 * Usage: `node test/bench/asking.ts [--quick] [--beside DIR]`, where DIR is another checkout, whose scheduler runs too.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { TRANSFER_LIMITS } from '../../packages/node/src/transfer/limits.ts'
import type { Message } from '../../packages/node/src/transfer/wire/messages.ts'
import type { Requester } from '../../packages/node/src/transfer/wire/requester.ts'
import type { Scheduler } from '../../packages/node/src/transfer/scheduling/scheduler.ts'
import type { Session } from '../../packages/node/src/transfer/wire/session.ts'
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

/** The parts of one checkout that ask. */
interface Tree {
  readonly Scheduler: typeof Scheduler
  readonly Requester: typeof Requester
}

/** The session with a provider that gives what is asked in the next turn of the loop, as many blocks come in a piece. */
class Answering {
  static wants = 0
  readonly isEnded = false
  readonly remoteName = 'provider'
  readonly lastReceivedMs = Number.POSITIVE_INFINITY
  readonly #give: (block: number) => void
  #wanted: number[] = []

  constructor(give: (block: number) => void) {
    this.#give = give
  }

  send(message: Message): void {
    if (message.t === 'cancel') this.#wanted = this.#wanted.filter((block) => !message.i.includes(block))
    if (message.t !== 'want') return
    Answering.wants++
    if (this.#wanted.length === 0) setImmediate(() => this.#giveAll())
    this.#wanted.push(...message.i)
  }

  fail(error: Error): void {
    throw error
  }

  #giveAll(): void {
    const blocks = this.#wanted
    this.#wanted = []
    for (const block of blocks) this.#give(block)
  }
}

/** The real requester, as it hears from its session. */
function providerOf(total: number, { Requester: Type }: Tree): Requester {
  const session = new Answering((i) => {
    const slot = requester.payloadFor({ t: 'block', i, n: BLOCK_BYTES })
    if (slot === undefined) throw new Error(`block ${i} is not welcome`)
    slot.deliver(slot.buffer.subarray(0, BLOCK_BYTES))
  })
  const requester = new Type({
    session: session as unknown as Session,
    seams: systemSeams,
    limits: TRANSFER_LIMITS,
  })
  requester.onMessage({ t: 'have', total, all: true })
  return requester
}

function* numbers(end: number): Generator<number> {
  for (let i = 0; i < end; i++) yield i
}

async function schedule({ blocks, order, peers, tree }: Case): Promise<void> {
  const parts = await treeAt(tree)
  await measure(async () => {
    let verified = 0
    const scheduler = new parts.Scheduler({
      needed: numbers(blocks),
      order: order === 'rarest' ? 'rarest' : 'given',
      total: blocks,
      limits: TRANSFER_LIMITS,
      seams: systemSeams,
      onVerified: () => verified++,
      sink: { lengthOf: () => BLOCK_BYTES, sizeOf: () => BLOCK_BYTES, accept: async () => true },
    })
    for (let i = 0; i < peers; i++) void scheduler.addPeer(providerOf(blocks, parts))
    await scheduler.done
    if (verified !== blocks) throw new Error('not each block once')
  })
}

/** The same answers and the same sink, and nothing decided or noted. */
async function askInOrder({ blocks, peers }: Case): Promise<void> {
  await measure(async () => {
    const done = Promise.withResolvers<void>()
    const accept = async (): Promise<boolean> => true
    const most = TRANSFER_LIMITS.windowBlocks / 2
    let next = 0
    let verified = 0
    for (let peer = 0; peer < peers; peer++) {
      let owed = 0
      const session = new Answering(() => {
        void accept().then(() => {
          owed--
          if (++verified === blocks) done.resolve()
          else if (owed === 0) ask()
        })
      })
      const ask = (): void => {
        owed = Math.min(most, blocks - next)
        if (owed > 0) session.send({ t: 'want', i: Array.from({ length: owed }, () => next++) })
      }
      ask()
    }
    await done.promise
  })
}

async function treeAt(tree: string): Promise<Tree> {
  const load = async (name: string): Promise<unknown> =>
    await import(pathToFileURL(resolve(tree, 'packages/node/src/transfer', name)).href)
  return { ...((await load('scheduler.ts')) as Tree), ...((await load('requester.ts')) as Tree) }
}

async function measure(run: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage()
  const beforeBytes = process.memoryUsage.rss()
  await run()
  const { user, system } = process.cpuUsage(before)
  const growthMiB = (process.resourceUsage().maxRSS * 1_024 - beforeBytes) / MIB
  print({ cpuSeconds: (user + system) / 1e6, growthMiB, wants: Answering.wants } satisfies Cost)
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
        facts[`${side}Wants`] = median(all.map(({ wants }) => wants))
      }
      const ratioTo = (side: string): number =>
        round((facts['oursCpuSeconds'] as number) / (facts[`${side}CpuSeconds`] as number))
      const ratios = Object.fromEntries(
        Object.keys(sides).flatMap((side) => (side === 'ours' ? [] : [[`ratioTo-${side}`, ratioTo(side)]])),
      )
      print({ type: 'asking', blocks, order, peers, rounds, ...facts, ...ratios })
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
