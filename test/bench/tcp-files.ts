/**
 * The yardstick for many small files: one plain TCP connection between two processes, neither sealed nor verified,
 * whose receiver makes every file and folder as durable as a fetch does.
 * `tcp-files.ts send FOLDER` serves one connection after the other, `tcp-files.ts receive PORT FOLDER IN_FLIGHT`.
 * One file = u16be length of its path || path || u32be length || bytes; a path of length 0 is the end.
 */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { dirname, join, relative } from 'node:path'

async function send(folder: string, socket: Socket): Promise<void> {
  for (const found of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue
    const source = join(found.parentPath, found.name)
    const path = Buffer.from(relative(folder, source))
    const bytes = readFileSync(source)
    const head = Buffer.alloc(2 + path.byteLength + 4)
    head.writeUInt16BE(path.byteLength, 0)
    path.copy(head, 2)
    head.writeUInt32BE(bytes.byteLength, 2 + path.byteLength)
    socket.cork()
    socket.write(head)
    const mayGoOn = socket.write(bytes)
    socket.uncork()
    if (!mayGoOn) await new Promise<void>((resolve) => socket.once('drain', resolve))
  }
  socket.end(Buffer.alloc(2))
}

async function* files(socket: Socket): AsyncGenerator<{ path: string; bytes: Buffer }> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    held = held.byteLength === 0 ? chunk : Buffer.concat([held, chunk])
    for (;;) {
      if (held.byteLength < 2) break
      const head = 2 + held.readUInt16BE(0) + 4
      if (head === 6 || held.byteLength < head) break
      const end = head + held.readUInt32BE(head - 4)
      if (held.byteLength < end) break
      yield { path: held.toString('utf8', 2, head - 4), bytes: held.subarray(head, end) }
      held = held.subarray(end)
    }
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx')
  await file.write(bytes)
  await file.sync()
  await file.close()
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  await folder.sync()
  await folder.close()
}

async function receive(port: number, folder: string, inFlight: number): Promise<void> {
  const started = performance.now()
  const before = process.cpuUsage()
  const folders = new Set<string>([folder])
  const writing = new Set<Promise<void>>()
  let bytes = 0
  mkdirSync(folder, { recursive: true })
  for await (const file of files(connect(port, '127.0.0.1'))) {
    const target = join(folder, file.path)
    if (!folders.has(dirname(target))) {
      mkdirSync(dirname(target), { recursive: true })
      folders.add(dirname(target))
    }
    const written: Promise<void> = writeDurably(target, file.bytes).finally(() => writing.delete(written))
    writing.add(written)
    bytes += file.bytes.byteLength
    if (writing.size >= inFlight) await Promise.race(writing)
  }
  await Promise.all(writing)
  for (const made of folders) await syncFolder(made)
  await syncFolder(dirname(folder))
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - started) / 1_000
  console.log(JSON.stringify({ type: 'done', bytes, seconds, cpuSeconds: (user + system) / 1e6 }))
}

const [role, ...args] = process.argv.slice(2)
if (role === 'send') {
  const server = createServer((socket) => void send(String(args[0]), socket))
  server.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ type: 'ready', port: (server.address() as AddressInfo).port }))
  })
  process.on('SIGTERM', () => process.exit(0))
} else {
  await receive(Number(args[0]), String(args[1]), Number(args[2]))
}
