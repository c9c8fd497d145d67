import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { passphraseOf } from '../src/passphrase.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-passphrase-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Of a context, what asks: it types those lines. */
function typing(...lines: (string | undefined)[]): { context: Context; prompts: string[] } {
  const prompts: string[] = []
  const hidden = (prompt: string): Promise<string | undefined> => {
    prompts.push(prompt)
    return Promise.resolve(lines.shift())
  }
  return { context: { hidden } as unknown as Context, prompts }
}
const nobody = { hidden: undefined } as unknown as Context

test('a new one is typed twice, a known one once', async () => {
  const twice = typing('pebbles', 'pebbles')
  expect(await passphraseOf({ file: undefined, isNew: true }, twice.context)).toBe('pebbles')
  expect(twice.prompts).toHaveLength(2)
  const once = typing('pebbles')
  expect(await passphraseOf({ file: undefined, isNew: false }, once.context)).toBe('pebbles')
  expect(once.prompts).toHaveLength(1)
  await expect(
    passphraseOf({ file: undefined, isNew: true }, typing('pebbles', 'peebles').context),
  ).rejects.toMatchObject({ code: 'ERR_USAGE', message: 'the two passphrases are not the same' })
  await expect(
    passphraseOf({ file: undefined, isNew: true }, typing('pebbles', undefined).context),
  ).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' })
})

test('from a file it is the first line, without its end', async () => {
  const file = join(folder, 'p')
  for (const text of ['grey pebbles ', 'grey pebbles \n', 'grey pebbles \r\nmore\n']) {
    await writeFile(file, text)
    expect(await passphraseOf({ file, isNew: true }, nobody)).toBe('grey pebbles ')
  }
  await writeFile(file, '\nsecond\n')
  await expect(passphraseOf({ file, isNew: false }, nobody)).rejects.toMatchObject({ code: 'ERR_USAGE' })
})

test('where there is none, what to do is said', async () => {
  await expect(passphraseOf({ file: undefined, isNew: true }, nobody)).rejects.toMatchObject({
    code: 'ERR_USAGE',
    hint: expect.stringMatching(/--passphrase-file/),
  })
  await expect(passphraseOf({ file: join(folder, 'none'), isNew: true }, nobody)).rejects.toMatchObject({
    code: 'ERR_SOURCE_MISSING',
  })
  await expect(passphraseOf({ file: folder, isNew: true }, nobody)).rejects.toMatchObject({
    code: 'ERR_PERMISSION',
  })
  const locked = join(folder, 'locked')
  await writeFile(locked, 'secret')
  await chmod(locked, 0)
  // Who may read everything can read this, too.
  if (process.geteuid?.() === 0) return
  await expect(passphraseOf({ file: locked, isNew: true }, nobody)).rejects.toMatchObject({
    code: 'ERR_PERMISSION',
  })
})
