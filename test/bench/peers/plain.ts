/**
 * Plain programs that move the same bytes and print JSON lines: one TCP connection (a folder as a tar stream), and rsync
 * with its own daemon. `plain.ts tcp|rsync send PATH PORT WORK`, `plain.ts tcp|rsync receive NAME PORT FOLDER`.
 */
import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'

const CHUNK_BYTES = 1_048_576
const REDIAL_MS = 10
const HOST = '127.0.0.1'

const tell = (type: string): void => console.log(JSON.stringify({ type }))

function ended(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  process.on('exit', () => child.kill('SIGTERM'))
  return new Promise((done, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? done() : reject(new Error(`${program} ended with ${code}`))))
  })
}

function tcpSend(path: string, port: number): void {
  const isFolder = statSync(path).isDirectory()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const source = isFolder
      ? spawn('tar', ['-c', '-C', dirname(path), basename(path)], { stdio: ['ignore', 'pipe', 'inherit'] })
          .stdout
      : createReadStream(path, { highWaterMark: CHUNK_BYTES })
    source.pipe(socket)
  })
  server.listen(port, HOST, () => tell('ready'))
}

async function tcpReceive(name: string, port: number, folder: string): Promise<void> {
  const socket = connect(port, HOST)
  if (!name.endsWith('/')) return pipeline(socket, createWriteStream(join(folder, name)))
  const tar = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'ignore', 'inherit'] })
  const over = new Promise((done) => tar.on('exit', done))
  // Tar closes its input before the padding after the last entry.
  await pipeline(socket, tar.stdin).catch(() => {})
  await over
}

async function accepts(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((answer) => {
      const socket = connect(port, HOST)
      socket.on('connect', () => answer(true)).on('error', () => answer(false))
      socket.on('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((done) => setTimeout(done, REDIAL_MS))
  }
}

async function rsyncSend(path: string, port: number, work: string): Promise<void> {
  mkdirSync(work, { recursive: true })
  const config = join(work, 'rsyncd.conf')
  const ids = `uid = ${process.getuid?.()}\ngid = ${process.getgid?.()}\n`
  writeFileSync(config, `use chroot = no\n${ids}[bench]\npath = ${resolve(dirname(path))}\nread only = yes\n`)
  const daemon = ended('rsync', [
    '--daemon',
    '--no-detach',
    `--config=${config}`,
    `--address=${HOST}`,
    `--port=${port}`,
  ])
  await accepts(port)
  tell('ready')
  await daemon
}

const [program, role, what = '', portText, folder = ''] = process.argv.slice(2)
const port = Number(portText)
process.on('SIGTERM', () => process.exit(0))
if (role === 'send') {
  if (program === 'tcp') tcpSend(what, port)
  else await rsyncSend(what, port, folder)
} else {
  if (program === 'tcp') await tcpReceive(what, port, folder)
  else await ended('rsync', ['-a', `rsync://${HOST}:${port}/bench/${what.replace(/\/$/, '')}`, `${folder}/`])
  tell('done')
  process.exit(0)
}
