/** Authors, auth logs and stores of spaces for tests. */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthVerdict, CatalogueAuth, JudgedBatch } from '../../src/spaces/catalogue/auth.ts'
import type { EntryContent } from '../../src/spaces/catalogue/operations.ts'
import type { Verifier } from '../../src/spaces/catalogue/verifier.ts'
import { SpaceStore, type Author, type SpaceStoreInit } from '../../src/spaces/storage/space-store.ts'

/** Files in memory, on Linux. */
const MEMORY = '/dev/shm'

export const SPACE = digest('a space')

export function digest(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest())
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** An author whose signatures are real. */
export function realAuthor(name: string): Author {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), digest(name)])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const x = createPublicKey(key).export({ format: 'jwk' }).x as string
  return {
    key: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: (signed) => new Uint8Array(sign(null, signed, key)),
  }
}

/** An author whose signatures are keyed hashes, for runs of many. */
export function author(name: string): Author {
  const key = digest(name)
  return { key, sign: (signed) => keyedHash(key, signed) }
}

export const keyedVerifier: Verifier = {
  verify: (publicKey, signed, signature) => Buffer.compare(keyedHash(publicKey, signed), signature) === 0,
}

function keyedHash(key: Uint8Array, signed: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha512', key).update(signed).digest())
}

/**
 * The auth log of one replica. An operation on it removes an author, whose batches count from then on only if they are
 * among those that the removal pins or before them. Batches name the operations that their author knew.
 */
export class FakeAuth implements CatalogueAuth {
  readonly #members: Set<string>
  /** By hex id: what each removal leaves to its author, as hex ids of batches. */
  readonly #known = new Map<string, { author: string; kept: ReadonlySet<string> }>()
  #changed: Uint8Array[] | 'all' = []

  constructor(members: readonly Author[]) {
    this.#members = new Set(members.map(({ key }) => hex(key)))
  }

  judge({ id, author: key, authHeads }: JudgedBatch): AuthVerdict {
    if (!this.#members.has(hex(key))) return { refused: 'its author is no member' }
    for (const head of authHeads) if (!this.#known.has(hex(head))) return 'wait'
    for (const removal of this.#known.values()) {
      if (removal.author === hex(key) && !removal.kept.has(hex(id)))
        return { refused: 'its author was removed' }
    }
    return 'ok'
  }

  learn(operation: Uint8Array, removed: Uint8Array, kept: ReadonlySet<string>): void {
    if (this.#known.has(hex(operation))) return
    this.#known.set(hex(operation), { author: hex(removed), kept })
    // Anybody may have named this operation, and so have waited for it.
    this.#changed = 'all'
  }

  takeChanged(): readonly Uint8Array[] | 'all' {
    const changed = this.#changed
    this.#changed = []
    return changed
  }

  revision(): string {
    return [...this.#known.keys()].toSorted().join()
  }

  heads(): Uint8Array[] {
    return [...this.#known.keys()].toSorted().map((id) => new Uint8Array(Buffer.from(id, 'hex')))
  }
}

export function content(name: string, more: Partial<EntryContent> = {}): EntryContent {
  return {
    root: Uint8Array.from([1, 0x71, 0x12, 0x20, ...digest(name)]),
    inner: '',
    wrappedKey: digest(`key of ${name}`),
    epoch: digest('epoch'),
    bytes: name.length,
    type: 'text/plain',
    modifiedMs: 1_700_000_000_000,
    ...more,
  }
}

/** A folder of one's own for the databases of a test. */
export class Folder implements Disposable {
  readonly path: string
  readonly #open: { close: () => void }[] = []

  /** @param isInMemory when it is not the disk that is tested, and waiting for it would take most of the time */
  constructor(isInMemory = false) {
    this.path = mkdtempSync(join(isInMemory && existsSync(MEMORY) ? MEMORY : tmpdir(), 'shoal-space-'))
  }

  file(name: string): string {
    return join(this.path, `${name}.db`)
  }

  store(name: string, init: Partial<SpaceStoreInit> & { members?: readonly Author[] } = {}): SpaceStore {
    const store = new SpaceStore({
      file: this.file(name),
      space: SPACE,
      auth: init.auth ?? new FakeAuth(init.members ?? []),
      verifier: keyedVerifier,
      ...init,
    })
    return this.closing(store)
  }

  closing<Closable extends { close: () => void }>(closable: Closable): Closable {
    this.#open.push(closable)
    return closable
  }

  [Symbol.dispose](): void {
    for (const open of this.#open) open.close()
    rmSync(this.path, { recursive: true, force: true })
  }
}
