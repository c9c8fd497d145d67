/** The `shoal` command as a bench runs it: on loopback, each time with a home of its own. */
import { join } from 'node:path'
import { SHOAL, Watched, type Cost } from './processes.ts'

const LOOPBACK = ['--network', 'private', '--listen', '/ip4/127.0.0.1/tcp/0']

export interface Started {
  readonly share: Watched
  readonly link: string
  readonly readySeconds: number
}

export interface Fetched {
  readonly wallSeconds: number
  readonly transferSeconds: number
  readonly cost: Cost
  readonly path: string
}

export class Commands {
  readonly #work: string
  #homes = 0

  /** @param work a folder for homes and for what is fetched */
  constructor(work: string) {
    this.#work = work
  }

  async share(path: string, isPublic: boolean): Promise<Started> {
    const flags = isPublic ? ['--public'] : []
    const share = new Watched(SHOAL, ['share', path, ...flags, '--json', '--home', this.#home(), ...LOOPBACK])
    const ready = await share.event('ready')
    return {
      share,
      link: String(ready['link']),
      readySeconds: (performance.now() - share.startedMs) / 1_000,
    }
  }

  async fetch(link: string): Promise<Fetched> {
    const home = this.#home()
    const args = ['fetch', '-', '-o', `${home}-out`, '--json', '--home', home, ...LOOPBACK]
    const running = new Watched(SHOAL, args, { SHOAL_LINK: link })
    const done = await running.event('done')
    const { cost } = running
    await running.exited
    const wallSeconds = (performance.now() - running.startedMs) / 1_000
    return { wallSeconds, transferSeconds: Number(done['transferSeconds']), cost, path: String(done['path']) }
  }

  #home(): string {
    return join(this.#work, `home-${this.#homes++}`)
  }
}
