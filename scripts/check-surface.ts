/**
 * Declared means implemented. Fails and prints a list when an option of a public interface is read nowhere, given in no test
 * or not documented; when an event is emitted nowhere, named in no test or not documented; when a type of the public API is
 * not exported; when a code of an error stands in a text but not in the table. What the compiler resolves counts, not what
 * is called the same. `check-errors-doc.ts` does the rest for codes.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ROOT, exportsOf } from './public-api.ts'

/** Not exported, but what becomes of `NodeOptions`: an option that is only copied there is read by nobody. */
const RESOLVED = 'ResolvedNodeOptions'
const TABLE = 'packages/node/src/operation-options.ts'

const faults: string[] = []
const documented = new Set(readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').match(/\bERR_[A-Z_]+\b/g))

const isOptions = (name: string): boolean => /Options$|^ByteRange$/.test(name)
const declared = exportsOf(['index.ts', 'options.ts'], isOptions)
const api = declared.filter(({ module }) => module === 'index.ts')
const resolved = declared.filter(({ module, name }) => module === 'options.ts' && name === RESOLVED)
const texts = readAll(['packages/node/src', 'packages/cli/src'])
const tests = readAll(['packages/node/test', 'packages/cli/test', 'test'])

let options = 0
for (const declaration of [...api.filter(({ name }) => isOptions(name)), ...resolved]) {
  for (const { name, docs, uses } of declaration.members) {
    options++
    const option = `${declaration.name}.${name}`
    const isRead = uses.some((use) => use.isRead && isSource(use.file) && use.file !== TABLE)
    if (!isRead) faults.push(`${option} is read nowhere`)
    if (declaration.name === RESOLVED) continue
    if (!uses.some(({ file }) => isTest(file))) faults.push(`${option} is given in no test`)
    if (docs.text === '' && docs.tags.length === 0) faults.push(`${option} is not documented`)
  }
}

const isOfEvents = (file: string): boolean => file.endsWith('/src/events.ts') || file.includes('/src/events/')
const events = api.filter(({ file, kind }) => kind === 'interface' && isOfEvents(file))
const types = events.flatMap((event) => {
  const type = event.members.find(({ name }) => name === 'type')?.type
  // A field of this name that is no literal makes no event.
  return type === undefined || !type.startsWith("'") ? [] : [{ event, type }]
})
for (const { event, type } of types) {
  const given = new RegExp(`type: ${type}`)
  const emitters = [...texts].filter(([file, text]) => !isOfEvents(file) && given.test(text))
  if (emitters.length === 0) faults.push(`${event.name} is emitted nowhere`)
  if (![...tests.values()].some((text) => text.includes(type)))
    faults.push(`${event.name} is named in no test`)
}
for (const { name, docs, members } of events) {
  if (docs.text === '') faults.push(`${name} is not documented`)
  for (const member of members) {
    if (member.name !== 'type' && member.docs.text === '')
      faults.push(`${name}.${member.name} is not documented`)
  }
}

const exported = new Set(api.map(({ name }) => name))
for (const { name, mentions, docs } of api) {
  if (docs.text === '') faults.push(`${name} is exported and not documented`)
  for (const other of mentions)
    if (!exported.has(other)) faults.push(`${name} mentions ${other}, which is not exported`)
}
for (const { name, members } of api.filter((it) => !isOptions(it.name) && !events.includes(it))) {
  for (const member of members) {
    if (member.docs.text === '') faults.push(`${name}.${member.name} is not documented`)
  }
}

for (const [file, text] of texts) {
  for (const [code] of text.matchAll(/\bERR_[A-Z_]+\b/g)) {
    if (!documented.has(code)) faults.push(`${file} names ${code}, which is no code of docs/errors.md`)
  }
}

function isSource(file: string): boolean {
  return /^packages\/[^/]+\/src\//.test(file)
}

function isTest(file: string): boolean {
  return /(^|\/)test\//.test(file)
}

/** All TypeScript files below some folders of the repository, by their path in it. */
function readAll(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const folder of folders) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue
      const path = join(folder, name).replaceAll('\\', '/')
      found.set(path, readFileSync(join(ROOT, path), 'utf8'))
    }
  }
  return found
}

for (const fault of new Set(faults)) console.error(fault)
console.log(
  `${options} options, ${types.length} events, ${exported.size} exports, ${new Set(faults).size} faults`,
)
if (faults.length > 0) process.exitCode = 1
