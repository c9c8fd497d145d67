/**
 * `soak-program.ts FOLDER`: several nodes in one process, each in a home of its own below the folder, started and stopped as
 * it is told, and measured together. Run with --expose-gc.
 */
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createNode, type ShoalNode } from '@shoal/node'
import type { Answer, Order, Sample } from './soak-orders.ts'

const [folder = ''] = process.argv.slice(2)
const nodes = new Map<number, ShoalNode>()

const homeOf = (node: number): string => join(folder, `home-${node}`)

async function start(node: number, bootstrap: readonly string[]): Promise<string[]> {
  const started = await createNode({
    home: homeOf(node),
    network: 'private',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap,
    workerThreads: 1,
    // As in a daemon: it fetches and shares by itself.
    onStopRequest: () => {},
  })
  nodes.set(node, started)
  return started.addresses()
}

async function stop(node: number): Promise<void> {
  const stopped = nodes.get(node)
  nodes.delete(node)
  await stopped?.stop()
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function sample(homes: readonly number[]): Sample {
  // Twice: the first lets go of what waits to be finalised.
  globalThis.gc?.()
  globalThis.gc?.()
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      // The one that reads this folder is gone.
      return undefined
    }
  })
  const sockets = open.filter((target) => target?.startsWith('socket:')).length
  const resources = process.getActiveResourcesInfo()
  const running = [...nodes.values()].map((node) => node.status())
  const wal = homes.flatMap((node) =>
    ['index.db-wal', 'jobs.db-wal'].map((file) => sizeOf(join(homeOf(node), file))),
  )
  return {
    rss,
    heap: heapUsed,
    external: external + arrayBuffers,
    files: open.filter((target) => target !== undefined).length - sockets,
    sockets,
    timers: resources.filter((type) => type === 'Timeout').length,
    handles: resources.filter((type) => type !== 'Timeout').length,
    wal: Math.max(0, ...wal),
    connected: running.reduce((sum, { discovery }) => sum + discovery.connected, 0),
    late: Math.max(0, ...running.map(({ loop }) => loop.delayMs)),
    shed: running.reduce((sum, { loop }) => sum + loop.shed, 0),
  }
}

async function obey(order: Order): Promise<unknown> {
  if (order.do === 'start') return await start(order.node, order.bootstrap)
  if (order.do === 'stop') return await stop(order.node)
  return sample(order.nodes)
}

process.on('message', (order: Order) => {
  obey(order).then(
    (value) => process.send?.({ id: order.id, value } satisfies Answer),
    (error: unknown) =>
      process.send?.({ id: order.id, error: String((error as Error).stack) } satisfies Answer),
  )
})
process.on('disconnect', () => process.exit())
