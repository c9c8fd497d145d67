/** The catalogue of a space judged by its auth log: both real, with their signatures, in every order of delivery. */
import { expect, test } from 'vitest'
import { AuthLog } from '../../src/spaces/auth/log.ts'
import type { Operation } from '../../src/spaces/auth/operation.ts'
import type { Operation as Change } from '../../src/spaces/catalogue/operations.ts'
import { Ed25519Verifier } from '../../src/spaces/catalogue/verifier.ts'
import { LogAuth } from '../../src/spaces/log-auth.ts'
import { SpaceReader } from '../../src/spaces/storage/space-reader.ts'
import type { SpaceStore } from '../../src/spaces/storage/space-store.ts'
import { Device, genesisOf } from '../helpers/auth.ts'
import { Folder, content, hex } from '../helpers/catalogue.ts'
import { seededFloats } from '../helpers/simulation.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const ORDERS = 40

const anna = new Device('anna')
const ben = new Device('ben')
const genesis = anna.signed(undefined, [], genesisOf([anna]))
const space = genesis.id

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const author = (device: Device): { key: Uint8Array; sign: Device['sign'] } => ({
  key: bytes(device.key),
  sign: device.sign,
})
const put = (path: string): Change => ({ kind: 'put', path, content: content(path) })

class Replica {
  readonly log = new AuthLog(space)
  readonly store: SpaceStore
  readonly #reader: SpaceReader

  constructor(folder: Folder, name: string) {
    this.log.add(genesis)
    const auth = new LogAuth(
      () => this.log,
      (id) => {
        const facts = this.store.facts(bytes(id))
        return facts && { author: hex(facts.author), parents: facts.parents.map(hex) }
      },
    )
    const init = { auth, space: bytes(space), verifier: new Ed25519Verifier() }
    this.store = folder.store(name, init)
    this.#reader = folder.closing(new SpaceReader(folder.file(name)))
  }

  learn(operation: Operation): void {
    this.log.add(operation)
    this.store.judgeAgain()
  }

  /** An operation by a device that knows what this replica knows. */
  by(device: Device, action: Operation['action']): Operation {
    const operation = device.signed(space, this.log.heads, action)
    this.learn(operation)
    return operation
  }

  write(device: Device, path: string): Uint8Array {
    return this.store.write(author(device), [put(path)], this.log.heads.map(bytes))
  }

  get paths(): string[] {
    return this.#reader.search('', { limit: 100 }).entries.map(({ path }) => path)
  }
}

test(`of a removed member counts what its removal pins, in ${ORDERS} orders of delivery (seed ${SEED})`, () => {
  using folder = new Folder(true)
  const [at, off] = [new Replica(folder, 'anna'), new Replica(folder, 'ben')]
  const admitted = at.by(anna, {
    type: 'admit',
    member: ben.key,
    sealing: ben.sealing,
    role: 'write',
    invite: undefined,
  })
  off.learn(admitted)
  const early = [off.write(ben, 'one'), off.write(ben, 'two')]
  at.store.receive(early)
  const heads = at.store.heads().map(hex)
  const unseen = off.write(ben, 'three')
  const removal = at.by(anna, { type: 'remove', member: ben.key, after: heads })
  const own = at.write(anna, 'of anna')
  expect(() => at.write(ben, 'after')).toThrow(expect.objectContaining({ code: 'ERR_SPACE_ROLE' }))
  const expected = ['of anna', 'one', 'two']
  at.store.receive([unseen])
  expect(at.paths.toSorted()).toEqual(expected)

  off.learn(removal)
  off.store.receive([own])
  expect(off.paths.toSorted()).toEqual(expected)
  expect(off.store.stateHash()).toBe(at.store.stateHash())

  const float = seededFloats(SEED)
  const items = [admitted, removal, ...early, unseen, own]
  for (let order = 0; order < ORDERS; order++) {
    const replica = new Replica(folder, `order ${order}`)
    const delivery = items.map((item) => ({ item, at: float() })).toSorted((a, b) => a.at - b.at)
    // Again and again, as others go on sending what is asked for.
    for (let round = 0; round < items.length; round++) {
      for (const { item } of delivery) {
        if (item instanceof Uint8Array) replica.store.receive([item])
        else replica.learn(item)
      }
    }
    expect(replica.paths.toSorted(), `order ${order}`).toEqual(expected)
    expect(replica.store.stateHash(), `order ${order}`).toBe(at.store.stateHash())
    expect(replica.store.check().isSame).toBe(true)
  }
})

test('a batch that names operations which are not here counts once they are', () => {
  using folder = new Folder(true)
  const [at, off] = [new Replica(folder, 'anna'), new Replica(folder, 'ben')]
  const renamed = at.by(anna, { type: 'rename', name: 'renamed' })
  const frame = at.write(anna, 'one')
  expect(off.store.receive([frame])).toMatchObject([{ state: 'waiting' }])
  expect(off.paths).toEqual([])
  off.learn(renamed)
  expect(off.paths).toEqual(['one'])
})
