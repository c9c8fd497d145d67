// Hyperdrive over one TCP connection as a sender and a receiver that print JSON lines, on loopback, with its store on the disk.
// hyperdrive.mjs send PATH STATE      hyperdrive.mjs receive FOLDER NAME STATE ADDRESS ROOT
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import net from 'node:net'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { load } from './modules.mjs'

const READ_BYTES = 1_048_576
const FILE = '/content'
const tell = (type, fields = {}) => console.log(JSON.stringify({ type, ...fields }))
const [{ default: Corestore }, { default: Hyperdrive }, { default: Localdrive }] = await Promise.all(
  ['corestore', 'hyperdrive', 'localdrive'].map((name) => load(name)),
)

/** Both ends of a connection speak the replication of their stores. */
function connect(socket, store, isInitiator) {
  const stream = store.replicate(isInitiator)
  socket.pipe(stream).pipe(socket)
  for (const each of [socket, stream]) each.on('error', () => {})
}

async function send(path, state) {
  const store = new Corestore(state)
  const drive = new Hyperdrive(store)
  await drive.ready()
  if (statSync(path).isDirectory()) {
    await new Localdrive(path).mirror(drive, { preload: false, batch: true }).done()
  } else {
    await pipeline(createReadStream(path, { highWaterMark: READ_BYTES }), drive.createWriteStream(FILE))
  }
  const server = net.createServer((socket) => connect(socket, store, false))
  server.listen(0, '127.0.0.1', () =>
    tell('ready', { root: drive.key.toString('hex'), address: String(server.address().port) }),
  )
  process.on('SIGTERM', () => process.exit(0))
}

async function receive(folder, name, state, port, key) {
  const store = new Corestore(state)
  const drive = new Hyperdrive(store, Buffer.from(key, 'hex'))
  await drive.ready()
  const found = drive.findingPeers()
  connect(net.connect(Number(port), '127.0.0.1'), store, true)
  drive.core.once('peer-add', () => found())
  while (!(await drive.update({ wait: true })));
  const download = drive.download('/')
  if ((await drive.entry(FILE)) === null) {
    await drive.mirror(new Localdrive(join(folder, name)), { preload: false }).done()
  } else await pipeline(drive.createReadStream(FILE), createWriteStream(join(folder, name)))
  await download
  tell('done')
  process.exit(0)
}

const [role, path, ...rest] = process.argv.slice(2)
await (role === 'send' ? send(path, rest[0]) : receive(path, basename(rest[0]), ...rest.slice(1)))
