/** A swarm of simulated nodes that join over time and, if so wished, come and go. */
import type { NodeFacts, Content } from './swarm-node.ts'
import { SwarmNode } from './swarm-node.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface Receiver extends NodeFacts {
  readonly joinsAtMs: number
  /** When it goes and when it comes back; it keeps what it has. */
  readonly away?: { readonly fromMs: number; readonly untilMs: number } | undefined
}

export interface SwarmInit {
  readonly world: VirtualTime
  readonly content: Content
  readonly seeders: readonly NodeFacts[]
  readonly receivers: readonly Receiver[]
  /** Most others that a node connects to when it joins, besides the seeders. */
  readonly degree: number
  readonly mostMs: number
}

export interface SwarmFigures {
  readonly receivers: number
  readonly lastSeconds: number
  readonly boundSeconds: number
  readonly ratio: number
  readonly seederCopies: number
  /** Of all blocks that came. */
  readonly duplicates: number
  readonly mostOwedMiB: number
  readonly wrongBlocks: number
}

export async function playSwarm(init: SwarmInit): Promise<{ nodes: SwarmNode[]; figures: SwarmFigures }> {
  const { world, content } = init
  const seeders = init.seeders.map((facts) => new SwarmNode(world, content, facts, true))
  for (const seeder of seeders) seeder.isHere = true
  const nodes = init.receivers.map((facts) => new SwarmNode(world, content, facts))
  for (const [i, node] of nodes.entries()) {
    const { joinsAtMs, away } = init.receivers[i] as Receiver
    world.at(joinsAtMs, () => {
      node.start()
      join(init, node, seeders, nodes)
    })
    if (away === undefined) continue
    world.at(away.fromMs, () => node.leave())
    world.at(away.untilMs, () => join(init, node, seeders, nodes))
  }
  const isOver = (): boolean =>
    nodes.every((node) => node.finishedAtMs !== undefined || node.failure !== undefined)
  await world.run(isOver, init.mostMs)
  const lastMs = Math.max(...nodes.map((node) => node.finishedAtMs ?? Number.POSITIVE_INFINITY))
  const boundMs = fluidBoundMs(init)
  const sent = seeders.reduce((sum, seeder) => sum + seeder.sent, 0)
  const duplicates = nodes.reduce((sum, node) => sum + (node.scheduler?.duplicateBlocks ?? 0), 0)
  const figures = {
    receivers: nodes.length,
    lastSeconds: rounded(lastMs / 1_000),
    boundSeconds: rounded(boundMs / 1_000),
    ratio: rounded(lastMs / boundMs),
    seederCopies: rounded(sent / content.blocks),
    duplicates: rounded(duplicates / (nodes.length * content.blocks)),
    mostOwedMiB: rounded(Math.max(...nodes.map((node) => node.mostOwedBytes)) / 1_048_576),
    wrongBlocks: nodes.reduce((sum, node) => sum + node.wrong, 0),
  }
  return { nodes, figures }
}

function join(
  { world, degree }: SwarmInit,
  node: SwarmNode,
  seeders: readonly SwarmNode[],
  nodes: readonly SwarmNode[],
): void {
  node.isHere = true
  const others = nodes.filter((other) => other !== node && other.isHere)
  while (others.length > degree) others.splice(Math.floor(world.float() * others.length), 1)
  for (const seeder of seeders) node.connect(seeder)
  for (const other of others) {
    node.connect(other)
    other.connect(node)
  }
}

/**
 * The soonest moment at which the last can have finished if bytes were a fluid (Kumar and Ross, 2006): the seeders have
 * to send everything once, each has to take everything in, and all who are there have to send it to all. Nothing is
 * sent before the first one came, and who is away takes nothing in.
 */
function fluidBoundMs({ content, seeders, receivers }: SwarmInit): number {
  const bytes = content.blocks * content.blockBytes
  const seederUp = seeders.reduce((sum, { up }) => sum + up, 0)
  const firstMs = Math.min(...receivers.map(({ joinsAtMs }) => joinsAtMs))
  const onceMs = firstMs + bytes / seederUp
  const slowest = receivers.map(({ joinsAtMs, down, away }) => {
    const doneMs = Math.max(joinsAtMs + bytes / down, onceMs)
    if (away === undefined || doneMs <= away.fromMs) return doneMs
    const most = Math.min(down * (away.fromMs - joinsAtMs), seederUp * (away.fromMs - firstMs))
    return Math.max(away.untilMs + (bytes - most) / down, onceMs)
  })
  return Math.max(...slowest, uploadBoundMs(bytes * receivers.length, seederUp, firstMs, receivers))
}

/** When all who are there, each from when it joined, have sent so many right bytes together. */
function uploadBoundMs(
  bytes: number,
  seederUp: number,
  firstMs: number,
  receivers: readonly Receiver[],
): number {
  const changes = receivers
    .filter(({ isFreeRider }) => isFreeRider !== true)
    .flatMap(({ joinsAtMs, up, lies, away }) => {
      const by = up * (1 - (lies ?? 0))
      if (away === undefined) return [{ atMs: joinsAtMs, by }]
      return [
        { atMs: joinsAtMs, by },
        { atMs: away.fromMs, by: -by },
        { atMs: away.untilMs, by },
      ]
    })
    .sort((a, b) => a.atMs - b.atMs)
  let rate = seederUp
  let atMs = firstMs
  let left = bytes
  for (const change of changes) {
    const sent = rate * (change.atMs - atMs)
    if (sent >= left) break
    left -= sent
    rate += change.by
    atMs = change.atMs
  }
  return atMs + left / rate
}

function rounded(number: number): number {
  return Math.round(number * 1_000) / 1_000
}
