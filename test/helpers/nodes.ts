/** Real nodes on loopback, each with a home of its own, stopped and removed when the test ends. */
import { join } from 'node:path'
import { createNode, type NodeOptions, type ShoalNode } from '@shoal/node'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../packages/node/test/helpers/files.ts'

export { folderOf, temporaryFolder } from '../../packages/node/test/helpers/files.ts'

export const LOOPBACK = {
  network: 'private',
  listen: ['/ip4/127.0.0.1/tcp/0'],
} as const satisfies NodeOptions

export async function startNode(options: NodeOptions = {}): Promise<ShoalNode> {
  const home = options.home ?? join(await temporaryFolder(), 'home')
  const node = await createNode({ ...LOOPBACK, workerThreads: 2, ...options, home })
  onTestFinished(() => node.stop())
  return node
}
