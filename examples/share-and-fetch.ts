/** Shares a file from one node and fetches it with another. Usage: node share-and-fetch.ts FILE FOLDER */
import { createNode } from '@shoal/node'

const [file = '', folder = '.'] = process.argv.slice(2)
// Two nodes of one machine that nobody else sees. Between two machines leave `here` out.
const here = { network: 'private', listen: ['/ip4/127.0.0.1/tcp/0'] } as const
await using alice = await createNode({ home: 'alice', ...here })
await using bob = await createNode({ home: 'bob', ...here })

const share = await alice.share(file)
console.log(`sharing ${share.name}: ${share.bytes} bytes`)
const result = await bob.fetch(share.link, {
  directory: folder,
  signal: AbortSignal.timeout(60_000),
  onEvent: (event) => {
    if (event.type === 'plan') console.log(`fetching ${event.name}: found by its ${event.source}`)
  },
})
console.log(`fetched ${result.bytes} bytes, every one checked: ${result.path}`)
