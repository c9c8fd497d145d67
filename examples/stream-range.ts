/**
 * Writes a part of a shared file to standard output while it arrives. Nothing is saved, every byte is checked before it
 * is written, and no more is asked for than is taken. Usage: node stream-range.ts LINK FROM TO > part
 */
import { pipeline } from 'node:stream/promises'
import { createNode, type NetworkPreset, type ReadEvent } from '@shoal/node'

const [link = '', from = '0', to] = process.argv.slice(2)
const network = (process.env['NETWORK'] ?? 'public') as NetworkPreset
// A node that only reads needs no address at which others reach it.
await using node = await createNode({ home: 'reader', network, listen: [] })

const onEvent = (event: ReadEvent): void => {
  if (event.type === 'content')
    console.error(`${event.bytes} of ${event.size} bytes, from byte ${event.from}`)
  else console.error(`${event.bytesFetched} bytes came over the network`)
}
const range = { from: Number(from), to: to === undefined ? undefined : Number(to) }
await pipeline(node.read(link, { range, onEvent }), process.stdout, { end: false })
