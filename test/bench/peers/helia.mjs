// Helia over bitswap as a sender and a receiver that print JSON lines, on loopback: no gateways, no DHT, blocks on the disk.
// helia.mjs send PATH STATE      helia.mjs receive FOLDER NAME STATE ADDRESS ROOT
import { createReadStream, createWriteStream, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { load } from './modules.mjs'

const READ_BYTES = 1_048_576
/** Files that are read at once: one after the other waits for each answer. */
const READS = 16
const tell = (type, fields = {}) => console.log(JSON.stringify({ type, ...fields }))
const [{ createHeliaLight }, { withBitswap }, { withLibp2pLight }, { unixfs }, { FsBlockstore }] =
  await Promise.all(
    ['helia', '@helia/bitswap', '@helia/libp2p', '@helia/unixfs', 'blockstore-fs'].map((name) => load(name)),
  )
const [{ tcp }, { noise }, { yamux }, { identify }, { multiaddr }, { CID }] = await Promise.all(
  [
    '@libp2p/tcp',
    '@chainsafe/libp2p-noise',
    '@chainsafe/libp2p-yamux',
    '@libp2p/identify',
    '@multiformats/multiaddr',
    'multiformats/cid',
  ].map((name) => load(name)),
)

async function node(state, listen) {
  const light = withLibp2pLight(createHeliaLight({ blockstore: new FsBlockstore(state) }), {
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  const helia = withBitswap(light)
  await helia.start()
  return helia
}

async function send(path, state) {
  const helia = await node(state, ['/ip4/127.0.0.1/tcp/0'])
  const files = unixfs(helia)
  const open = (file) => createReadStream(file, { highWaterMark: READ_BYTES })
  let root
  if (statSync(path).isDirectory()) {
    const inside = readdirSync(path, { recursive: true }).filter((name) =>
      statSync(join(path, name)).isFile(),
    )
    const entries = inside.map((name) => ({ path: name, open: () => open(join(path, name)) }))
    const all = (function* () {
      for (const entry of entries) yield { path: entry.path, content: entry.open() }
    })()
    for await (const { cid } of files.addAll(all, { wrapWithDirectory: true })) root = cid
  } else root = await files.addByteStream(open(path))
  tell('ready', { root: String(root), address: String(helia.libp2p.getMultiaddrs()[0]) })
  process.on('SIGTERM', () => process.exit(0))
}

async function receive(folder, name, state, address, root) {
  const helia = await node(state, [])
  await helia.libp2p.dial(multiaddr(address))
  const files = unixfs(helia)
  const found = []
  const walk = async (cid, path) => {
    if ((await files.stat(cid)).type !== 'directory') return found.push({ cid, path })
    for await (const entry of files.ls(cid)) await walk(entry.cid, join(path, entry.name))
  }
  await walk(CID.parse(root), join(folder, name))
  for (const path of new Set(found.map((each) => dirname(each.path)))) mkdirSync(path, { recursive: true })
  const read = async () => {
    for (let each = found.pop(); each !== undefined; each = found.pop()) {
      await pipeline(files.cat(each.cid), createWriteStream(each.path))
    }
  }
  await Promise.all(Array.from({ length: READS }, read))
  tell('done')
  process.exit(0)
}

const [role, path, ...rest] = process.argv.slice(2)
await (role === 'send' ? send(path, rest[0]) : receive(path, basename(rest[0]), ...rest.slice(1)))
