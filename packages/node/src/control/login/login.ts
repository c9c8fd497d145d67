/** How a page of this node gets the token of the API: by a code that its user's program asked for, once. */
import { ShoalError } from '../../errors.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { CODE_MS } from './limits.ts'
import { LoginCodes, type LoginCode } from './login-codes.ts'
import { RedirectFile } from './redirect-file.ts'

export interface LoginInit {
  readonly seams: Seams
  readonly home: string
  readonly token: string
}

/** A code, and where it leads. */
export interface LoginCodeAnswer extends LoginCode {
  /** The page of the node, with the code in the part that is sent to nobody. */
  readonly url: string
  /** Path of a file that leads there, if one was asked for; null: none was. It goes when the code does. */
  readonly file: string | null
}

export class Login {
  readonly #init: LoginInit
  readonly #codes: LoginCodes
  readonly #file: RedirectFile
  /** By code, while a file may be there for it. */
  readonly #files = new Map<string, { readonly url: string; readonly timer: TimerHandle }>()
  /** Base URL of the API, or null where no browser reaches it. */
  page: string | null = null

  constructor(init: LoginInit) {
    this.#init = init
    this.#codes = new LoginCodes(init.seams)
    this.#file = new RedirectFile(init.home)
  }

  /** Forgets what an earlier run may have left. */
  start(): void {
    void this.#file.remove()
  }

  /** @throws ShoalError ERR_OPTIONS_INVALID where no browser reaches the API; ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK */
  async makeCode({ file = false }: { readonly file?: boolean | undefined }): Promise<LoginCodeAnswer> {
    if (this.page === null) {
      throw new ShoalError('ERR_OPTIONS_INVALID', 'Shoal listens on no port for a browser', {
        hint: 'Start it with --api-tcp on.',
      })
    }
    const made = this.#codes.make()
    const url = `${this.page}/#code=${made.code}`
    if (!file) return { ...made, url, file: null }
    await this.#file.write(url)
    const { timers } = this.#init.seams
    const timer = timers.set(() => void this.#over(made.code), CODE_MS)
    this.#files.set(made.code, { url, timer })
    return { ...made, url, file: this.#file.path }
  }

  /** The token of the API. @throws ShoalError ERR_NOT_AUTHORISED for a code that is not good */
  async redeem(code: string): Promise<string> {
    if (!this.#codes.redeem(code)) throw new ShoalError('ERR_NOT_AUTHORISED', 'this code is not good')
    await this.#over(code)
    return this.#init.token
  }

  async stop(): Promise<void> {
    for (const code of this.#files.keys()) await this.#over(code)
  }

  async #over(code: string): Promise<void> {
    const made = this.#files.get(code)
    this.#files.delete(code)
    if (made === undefined) return
    this.#init.seams.timers.clear(made.timer)
    await this.#file.remove(made.url)
  }
}
