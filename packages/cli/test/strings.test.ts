import { readFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'

/** Words of the machine room, which people are never shown. */
const NEVER_SHOWN =
  /\b(CID|hash(es|ed|ing)?|roots?|blocks?|chunks?|peers?|nodes?|swarms?|seed(s|ing)?|providers?|DHT|mDNS|NAT|bootstrap|multiaddrs?|gossip|CRDT|epochs?|daemons?|tokens?|payloads?|ciphertext|sync conflict|tombstones?|GC|pin(s|ned)?|MiB)\b/i
const CATALOGUE = /^strings[\\/].*\.ts$/
const SOURCE = new URL('../src/', import.meta.url)

/** Every string and template of a source, without comments, imports and what templates insert. */
function literals(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*(import|export .* from)\b.*$/gm, '')
  return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map((match) =>
    (match[1] ?? match[2] ?? match[3] ?? '').replaceAll(/\$\{[^}]*\}/g, ' '),
  )
}

/** The names of flags, commands and files are what scripts rely on; so are the names that start with one. */
function withoutNames(text: string): string {
  return text.replaceAll(/--[a-z-]+|^daemon$|shoal daemon\b|daemon\.log\b|^peers$|shoal peers\b/g, '')
}

test('the catalogue has none of the words that are never shown', async () => {
  const files = (await readdir(SOURCE, { recursive: true })).filter((file) => CATALOGUE.test(file))
  const found: string[] = []
  for (const file of files) {
    const texts = literals(await readFile(new URL(file, SOURCE), 'utf8'))
    expect(texts.length, file).toBeGreaterThan(5)
    found.push(...texts)
  }
  expect(found.length).toBeGreaterThan(100)
  const shown = found.filter((text) => NEVER_SHOWN.test(withoutNames(text)))
  expect(shown).toEqual([])
})

test('sentences for people stand in the catalogue only', async () => {
  const files = (await readdir(SOURCE, { recursive: true })).filter(
    // Scripts for shells are code, and so is what service managers read.
    (file) =>
      file.endsWith('.ts') &&
      !CATALOGUE.test(file) &&
      file !== 'format.ts' &&
      !file.startsWith('completions') &&
      !file.endsWith('service.ts'),
  )
  const sentences: string[] = []
  for (const file of files) {
    for (const text of literals(await readFile(new URL(file, SOURCE), 'utf8'))) {
      if (/[a-z]{2,} [a-z]+ [a-z]{2,}/i.test(text)) sentences.push(`${file}: ${text}`)
    }
  }
  // What can only be a fault in the program or between its own parts.
  expect(sentences.toSorted()).toEqual(['with-node.ts: what was just started does not answer'])
})

test('the test above can fail', () => {
  expect(literals("const a = 'the root of it' // x\nconst b = `no ${peer} here`")).toEqual([
    'the root of it',
    'no   here',
  ])
  expect(NEVER_SHOWN.test('3 peers')).toBe(true)
  expect(NEVER_SHOWN.test('opinion, natural, grooted')).toBe(false)
})
