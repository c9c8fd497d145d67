/**
 * `busy-program.ts HOME FILE`: a node that shares a file, and tells the link to who started it. Told `busy`, its event loop
 * runs nothing else for most of the time, until it is told `free`.
 */
import { createNode } from '@shoal/node'

/** How long nothing else runs at a time, in milliseconds. */
const BURST_MS = 350

const [home = '', file = ''] = process.argv.slice(2)
const node = await createNode({
  home,
  network: 'private',
  listen: ['/ip4/127.0.0.1/tcp/0'],
  workerThreads: 2,
})
const { link } = await node.share(file)
let isBusy = false

function burst(): void {
  if (!isBusy) return
  for (const endMs = performance.now() + BURST_MS; performance.now() < endMs;);
  setImmediate(burst)
}

process.on('message', (message) => {
  isBusy = message === 'busy'
  burst()
})
// Whoever started it is gone.
process.on('disconnect', () => process.exit())
process.send?.({ link, address: node.addresses()[0] })
