/** What is there for a browser, where the API is on loopback TCP: content by address on a second port, and the login. */
import type { Seams } from '../util/seams.ts'
import type { ControlTarget } from './control-target.ts'
import { Capabilities } from './gateway/capabilities.ts'
import { ContentAccess } from './gateway/content-access.ts'
import { ContentPort } from './gateway/content-port.ts'
import type { Subject } from './gateway/content-reads.ts'
import { Login, type LoginInit } from './login/login.ts'

export interface BrowserAccessInit extends LoginInit {
  readonly seams: Seams
  readonly read: ControlTarget['read']
}

export class BrowserAccess {
  readonly #init: BrowserAccessInit
  readonly #capabilities: Capabilities<Subject>
  readonly content: ContentAccess
  readonly login: Login
  #port: ContentPort | undefined

  constructor(init: BrowserAccessInit) {
    this.#init = init
    this.#capabilities = new Capabilities(init.seams)
    this.content = new ContentAccess(this.#capabilities)
    this.login = new Login(init)
  }

  /**
   * Begins once the API listens.
   *
   * @param api its base URL, which is the origin of its page
   * @throws ShoalError ERR_LISTEN
   */
  async start(api: string): Promise<void> {
    const { read, seams } = this.#init
    this.#port = new ContentPort({ read, timers: seams.timers, capabilities: this.#capabilities, page: api })
    this.content.url = await this.#port.listen()
    this.login.page = api
    this.login.start()
  }

  async stop(): Promise<void> {
    this.#capabilities.revokeAll()
    await Promise.all([this.#port?.stop(), this.login.stop()])
  }
}
