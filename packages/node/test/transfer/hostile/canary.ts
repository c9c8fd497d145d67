/** A home with things in it around the folder that fetches write to: whatever changes in it is an escape. */
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** So deep that a name which climbs a few folders still ends inside. */
const NESTED = 'a/b/c/d/e/f/home'
const FILES = ['notes.txt', '.ssh/authorized_keys', 'downloads/kept.txt', 'downloads/folder/inner.txt']

export class Canary {
  readonly #base = mkdtempSync(join(tmpdir(), 'shoal-hostile-'))
  readonly downloads: string
  /** A path that does not exist, and must not. */
  readonly outside: string
  readonly #before: string

  constructor() {
    const home = join(this.#base, NESTED)
    this.downloads = join(home, 'downloads')
    this.outside = join(home, 'outside')
    for (const file of FILES) {
      mkdirSync(join(home, file, '..'), { recursive: true })
      writeFileSync(join(home, file), `this is ${file}`)
    }
    this.#before = this.#look()
  }

  /** Removes what a fetch left in the folder for downloads; returns its names there. */
  clear(): string[] {
    const left = readdirSync(this.downloads).filter((name) => name !== 'kept.txt' && name !== 'folder')
    for (const name of left) rmSync(join(this.downloads, name), { recursive: true })
    return left
  }

  /** Is every name, byte and time as it was? */
  get isUntouched(): boolean {
    return this.#look() === this.#before
  }

  remove(): void {
    rmSync(this.#base, { recursive: true })
  }

  #look(): string {
    const hash = createHash('sha256')
    const visit = (path: string): void => {
      const stat = lstatSync(path, { bigint: true })
      // What is staged in it comes and goes.
      const mtime = path === this.downloads ? '' : stat.mtimeNs
      hash.update(`${path}\0${stat.mode}\0${mtime}\0`)
      if (!stat.isDirectory()) hash.update(readFileSync(path))
      else for (const name of readdirSync(path).toSorted()) visit(join(path, name))
    }
    visit(this.#base)
    return hash.digest('hex')
  }
}
