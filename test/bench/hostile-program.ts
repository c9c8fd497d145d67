/**
 * Peers that lie, in a process of their own: `hostile-program.ts ROOT ADDRESS HOW...` gets the content of ROOT from the
 * honest peer at ADDRESS, serves it from one peer for each HOW, and tells on SIGTERM what each of them sent.
 * HOW: always, one-in-hundred, last-byte, wrong-length, stalls-at=BLOCKS or slow=BYTES_PER_SECOND.
 */
import { contentOf, fetchAll } from '../chaos/hostile-content.ts'
import { startHostilePeer, type Lie, type Message } from '../chaos/hostile-peer.ts'
import { LIES, oneInHundred } from '../chaos/lies.ts'

interface Sent {
  readonly how: string
  blocks: number
  bytes: number
  badBlocks: number
}

function lieOf(how: string, salt: number): Lie {
  const [name, value] = how.split('=')
  switch (name) {
    case 'always':
      return LIES.always
    case 'one-in-hundred':
      return oneInHundred(salt)
    case 'last-byte':
      return LIES.lastByte
    case 'wrong-length':
      return LIES.wrongLength
    case 'stalls-at':
      return LIES.stallsAt(Number(value))
    case 'slow':
      return { bytesPerSecond: Number(value) }
    default:
      throw new Error(`no such lie: ${how}`)
  }
}

const [root = '', address = '', ...hows] = process.argv.slice(2)
const asker = await startHostilePeer(contentOf(root))
const content = await fetchAll(await asker.dial(address, contentOf(root)))
await asker.stop()

const sent: Sent[] = []
const addresses: string[] = []
for (const [salt, how] of hows.entries()) {
  const tally: Sent = { how, blocks: 0, bytes: 0, badBlocks: 0 }
  const lie = lieOf(how, 100 - salt * 10)
  const say: Lie['say'] = (message, talk) => {
    const told = lie.say?.(message, talk) ?? [message]
    for (const { t, i, payload } of told as Message[]) {
      if (t !== 'block' || payload === undefined) continue
      tally.blocks++
      if (Buffer.compare(payload, content.blocks[i as number] ?? Buffer.alloc(0)) !== 0) tally.badBlocks++
    }
    return told
  }
  // What went out: of a block that a slow peer is told to leave, most never does.
  const opened: Lie['opened'] = async (talk) => {
    const { stream } = talk
    const send = stream.send.bind(stream)
    stream.send = (bytes) => {
      tally.bytes += bytes.byteLength
      return send(bytes)
    }
    await lie.opened?.(talk)
  }
  const peer = await startHostilePeer(content, { ...lie, say, opened })
  addresses.push(peer.address)
  sent.push(tally)
}
console.log(JSON.stringify({ type: 'ready', addresses, blocks: content.blocks.length }))
process.on('SIGTERM', () => {
  console.log(JSON.stringify({ type: 'sent', sent }))
  process.exit(0)
})
