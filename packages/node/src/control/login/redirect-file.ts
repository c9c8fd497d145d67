/**
 * A file in the home that leads a browser to the page of this node, with a code that is good once. A program that opens a browser
 * passes it a path and no secret: arguments of a process are seen by every user, a file of mode 0600 by one.
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { diskError } from '../../errors.ts'

const NAME = 'login.html'

export class RedirectFile {
  readonly path: string
  /** What leads where it does now. */
  #url: string | undefined

  constructor(home: string) {
    this.path = join(home, NAME)
  }

  /** In place of one that is there. @throws ShoalError ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK */
  async write(url: string): Promise<void> {
    try {
      await rm(this.path, { force: true })
      await writeFile(this.path, pageTo(url), { mode: 0o600, flag: 'wx' })
    } catch (error) {
      throw diskError(error, `writing ${this.path}`)
    }
    this.#url = url
  }

  /** Unless it leads elsewhere by now. Without a URL it goes whatever it is. */
  async remove(url?: string): Promise<void> {
    if (url !== undefined && url !== this.#url) return
    this.#url = undefined
    await rm(this.path, { force: true }).catch(() => {})
  }
}

/** @param url of letters, digits and `:/.#=_-` alone */
function pageTo(url: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>Shoal</title>
<p><a href="${url}">Shoal</a></p>
`
}
