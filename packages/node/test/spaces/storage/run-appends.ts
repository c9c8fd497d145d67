/** Appends to the space in the file that is given, for ever, and says which batches are on the disk. Killed by its test. */
import { appendFileSync } from 'node:fs'
import { decodeBatch } from '../../../src/spaces/catalogue/batch.ts'
import { SpaceStore } from '../../../src/spaces/storage/space-store.ts'
import { author, content, FakeAuth, hex, keyedVerifier, SPACE } from '../../helpers/catalogue.ts'

const [file, notes, name] = process.argv.slice(2) as [string, string, string]
const alice = author('alice')
const store = new SpaceStore({ file, space: SPACE, auth: new FakeAuth([alice]), verifier: keyedVerifier })
for (let i = 0; ; i++) {
  const path = `${name} ${i}`
  const frame = store.write(alice, [{ kind: 'put', path, content: content(path) }], [])
  appendFileSync(notes, `${hex(decodeBatch(frame).id)}\n`)
}
