// WebTorrent as a sender and a receiver that print JSON lines, on loopback. Resolved from the folder PEERS_MODULES.
// wt.mjs send PATH TORRENT PORT [UP_BYTES_PER_SECOND]      wt.mjs receive FOLDER TORRENT PORT SENDER_PORT [stay]
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const REDIAL_MS = 500
const tell = (type, fields = {}) => console.log(JSON.stringify({ type, ...fields }))
const modules = createRequire(`${process.env.PEERS_MODULES}/`)
const { default: WebTorrent } = await import(pathToFileURL(modules.resolve('webtorrent')).href)

const [role, path, torrentPath, port, other, stays] = process.argv.slice(2)
const isSending = role === 'send'
const client = new WebTorrent({
  dht: false,
  tracker: false,
  lsd: false,
  utp: false,
  torrentPort: Number(port),
  ...(isSending && other !== undefined ? { uploadLimit: Number(other) } : {}),
})
client.on('error', (error) => {
  console.error(error)
  process.exit(1)
})
let torrent
if (isSending) {
  torrent = client.seed(path, { announce: [] }, () => {
    writeFileSync(torrentPath, torrent.torrentFile)
    tell('ready', { port: Number(port) })
  })
} else {
  torrent = client.add(readFileSync(torrentPath), { path })
  const dial = () => torrent.addPeer(`127.0.0.1:${other}`)
  torrent.on('infoHash', dial)
  const redial = setInterval(dial, REDIAL_MS)
  torrent.on('done', () => {
    tell('done')
    clearInterval(redial)
    if (stays === undefined) process.exit(0)
  })
}
process.on('SIGTERM', () => {
  tell('sent', { bytes: torrent.uploaded, received: torrent.downloaded })
  process.exit(0)
})
