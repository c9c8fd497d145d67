/** Every flag that is declared is used by a test that would notice if it did nothing. */
import { readFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import * as options from '../src/strings/options.ts'
import * as spaceOptions from '../src/strings/space-options.ts'

const FOLDERS = [new URL('.', import.meta.url), new URL('../../../test/', import.meta.url)]
/** These take their flags from the tables or from the help, and so have each of them. */
const FROM_TABLES = /^(flags|help|completions)\.test\.ts$/

async function tests(): Promise<string> {
  const texts: string[] = []
  for (const folder of FOLDERS) {
    for (const file of await readdir(folder, { recursive: true })) {
      if (!file.endsWith('.ts') || file.includes('node_modules') || FROM_TABLES.test(file)) continue
      texts.push(await readFile(new URL(file, folder), 'utf8'))
    }
  }
  return texts.join('\n')
}

function declared(): string[] {
  const tables = [...Object.values(options), ...Object.values(spaceOptions)]
  const rows = tables.flatMap((table) =>
    typeof table === 'string' ? [] : Object.values<options.OptionText>(table),
  )
  return [...new Set(rows.map(({ flags }) => flags.split(' ')[0] ?? ''))]
}

/** As a word of a command line, with or without its value behind an equals sign. */
function occurs(flag: string, text: string): boolean {
  return new RegExp(`['"\` ]${flag}(?=['"\` =-]|$)`, 'm').test(text)
}

test('every flag occurs in a test', async () => {
  const text = await tests()
  const flags = declared()
  expect(flags.length).toBeGreaterThan(20)
  expect(flags.filter((flag) => !occurs(flag, text))).toEqual([])
})

test('the test above can fail', async () => {
  expect(declared()).toContain('--skip-unreadable')
  expect(occurs(['--skip', 'readable'].join('-'), await tests())).toBe(false)
  expect(occurs('--wait', "['--waiting']")).toBe(false)
  expect(occurs('-o', "'-o', 'in'")).toBe(true)
})
