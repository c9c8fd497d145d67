/** `start-program.ts HOME`: starts a node there, says how long that took, alone and since the process began, and ends. */
import { createNode } from '@shoal/node'

const [home = ''] = process.argv.slice(2)
const startMs = performance.now()
const node = await createNode({ home, network: 'private', listen: ['/ip4/127.0.0.1/tcp/0'] })
const endMs = performance.now()
console.log(JSON.stringify({ type: 'ready', seconds: (endMs - startMs) / 1_000, inAll: endMs / 1_000 }))
await node.stop()
