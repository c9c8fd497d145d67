/** Real nodes on loopback, each with a home of its own, stopped and removed when the test ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode, type NodeOptions, type ShoalNode } from '@shoal/node'
import { onTestFinished } from 'vitest'

export const LOOPBACK = {
  network: 'private',
  listen: ['/ip4/127.0.0.1/tcp/0'],
} as const satisfies NodeOptions

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function startNode(options: NodeOptions = {}): Promise<ShoalNode> {
  const home = options.home ?? join(await temporaryFolder(), 'home')
  const node = await createNode({ ...LOOPBACK, workerThreads: 2, ...options, home })
  onTestFinished(() => node.stop())
  return node
}
