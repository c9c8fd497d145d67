/**
 * Syncthing as two daemons on loopback that know each other, driven by its REST interface: `syncthing.ts PATH FOLDER WORK`.
 * Prints `ready` once the sender has hashed PATH, which is a folder, and `done` once FOLDER is in sync. What both cost
 * is this program's children's.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const POLL_MS = 50
const HOST = '127.0.0.1'
const API_KEY = 'bench'
/** Nothing but the two of them, and nothing that is only done now and then. */
const QUIET = {
  globalAnnounceEnabled: false,
  localAnnounceEnabled: false,
  relaysEnabled: false,
  natEnabled: false,
  crashReportingEnabled: false,
  autoUpgradeIntervalH: 0,
  urAccepted: -1,
  setLowPriority: false,
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS))

class Daemon {
  readonly #api: string
  readonly id: string
  readonly listen: string

  private constructor(api: string, id: string, listen: string) {
    this.#api = api
    this.id = id
    this.listen = listen
  }

  static async start(home: string): Promise<Daemon> {
    const [gui, port] = [await freePort(), await freePort()]
    spawnSync('syncthing', ['generate', `--home=${home}`], { stdio: 'ignore' })
    const config = join(home, 'config.xml')
    const text = readFileSync(config, 'utf8')
    writeFileSync(
      config,
      text
        .replace(/(<gui[^>]*>\s*)<address>[^<]*</, `$1<address>${HOST}:${gui}<`)
        .replace(/<apikey>[^<]*</, `<apikey>${API_KEY}<`),
    )
    const child = spawn('syncthing', ['serve', `--home=${home}`, '--no-browser', '--no-restart'], {
      stdio: 'ignore',
    })
    process.on('exit', () => child.kill('SIGTERM'))
    const id = /<device id="([A-Z0-9-]+)"/.exec(text)?.[1] ?? ''
    const daemon = new Daemon(`http://${HOST}:${gui}/rest`, id, `tcp://${HOST}:${port}`)
    while (
      !(await daemon.call('GET', 'system/ping').then(
        () => true,
        () => false,
      ))
    )
      await pause()
    await daemon.call('PATCH', 'config/options', { ...QUIET, listenAddresses: [daemon.listen] })
    return daemon
  }

  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.#api}/${path}`, {
      method,
      headers: { 'X-API-Key': API_KEY },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    const text = await response.text()
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }

  async knows(other: Daemon, isPaused: boolean): Promise<void> {
    const device = { deviceID: other.id, addresses: [other.listen], paused: isPaused }
    await this.call('PUT', `config/devices/${other.id}`, device)
  }

  async holds(path: string, type: string, devices: readonly Daemon[]): Promise<void> {
    const ids = devices.map(({ id }) => ({ deviceID: id }))
    const folder = { id: 'bench', path, type, devices: ids, fsWatcherEnabled: false, rescanIntervalS: 86_400 }
    await this.call('PUT', 'config/folders/bench', folder)
  }

  /** Resolves when as many files as it knows are here. */
  async settles(isEnough: (status: Record<string, unknown>) => boolean): Promise<void> {
    for (;;) {
      const none: Record<string, unknown> = {}
      const status = await this.call('GET', 'db/status?folder=bench').catch(() => none)
      if (status['state'] === 'idle' && isEnough(status)) return
      await pause()
    }
  }
}

const [path = '', folder = '', work = ''] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const [sender, receiver] = [
  await Daemon.start(join(work, 'sender')),
  await Daemon.start(join(work, 'receiver')),
]
process.on('SIGTERM', () => process.exit(0))
await sender.knows(receiver, false)
await receiver.knows(sender, true)
await receiver.holds(folder, 'receiveonly', [sender, receiver])
await sender.holds(path, 'sendonly', [sender, receiver])
await sender.settles(({ localFiles }) => Number(localFiles) > 0)
const files = (await sender.call('GET', 'db/status?folder=bench'))['localFiles']
console.log(JSON.stringify({ type: 'ready' }))
const started = performance.now()
await receiver.call('POST', `system/resume?device=${sender.id}`)
await receiver.settles(({ inSyncFiles, needTotalItems }) => inSyncFiles === files && needTotalItems === 0)
console.log(JSON.stringify({ type: 'done', seconds: (performance.now() - started) / 1_000 }))
process.exit(0)
