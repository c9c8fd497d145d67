/** The `shoal` command as a bench runs it: on loopback, each time with a home of its own. */
import { join } from 'node:path'
import { LOOPBACK_FLAGS, SHOAL, Watched, type Cost } from './processes.ts'

export interface Started {
  readonly share: Watched
  readonly link: string
  readonly root: string
  readonly address: string
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

  async share(path: string, isPublic: boolean, ...more: readonly string[]): Promise<Started> {
    const flags = [...(isPublic ? ['--public'] : []), ...more]
    const share = new Watched(SHOAL, [
      'share',
      path,
      ...flags,
      '--json',
      '--home',
      this.#home(),
      ...LOOPBACK_FLAGS,
    ])
    const ready = await share.event('ready')
    return {
      share,
      link: String(ready['link']),
      root: String(ready['root']),
      address: String((ready['addresses'] as unknown[])[0]),
      readySeconds: (performance.now() - share.startedMs) / 1_000,
    }
  }

  /** Starts a fetch, which may go on after it is done. */
  startFetch(link: string, ...more: readonly string[]): Watched {
    const home = this.#home()
    const args = ['fetch', '-', '-o', `${home}-out`, ...more, '--json', '--home', home, ...LOOPBACK_FLAGS]
    return new Watched(SHOAL, args, { SHOAL_LINK: link })
  }

  async fetch(link: string, ...more: readonly string[]): Promise<Fetched> {
    const running = this.startFetch(link, ...more)
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
