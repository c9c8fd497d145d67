/** Real nodes on loopback, each with a home of its own, stopped and removed when the test ends. */
import { dirname, join } from 'node:path'
import { createNode, type NodeOptions, type ShoalNode } from '@shoal/node'
import { ControlClient, homePaths } from '@shoal/node/control'
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

/** A client of the control API of a node, as the command has it. */
export async function clientOf(node: ShoalNode): Promise<ControlClient> {
  const { socket, tokenFile } = node.status()
  const client = await ControlClient.connect({ ...homePaths(dirname(tokenFile), {}), socket })
  if (client === undefined) throw new Error('the node does not answer')
  return client
}
