/** `shoal fetch` into a folder that has something of it already. Needs `tsc -b`. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { own, run, share } from '../helpers/shoal.ts'

test('a part, then the rest, then nothing, then over what differs', async () => {
  const folder = join(await temporaryFolder(), 'holiday')
  await mkdir(join(folder, 'day 1'), { recursive: true })
  await writeFile(join(folder, 'a.txt'), 'one')
  await writeFile(join(folder, 'day 1/sea.jpg'), Buffer.alloc(2_000_000, 7))
  const link = await share(folder, ...(await own()))
  const out = await temporaryFolder()
  const result = join(out, 'holiday')
  const home = await own()

  const part = await run('fetch', link, '-o', out, '--only', '*.jpg', '--only', 'b.txt', '--json', ...home)
  expect(part.status).toBe(0)
  expect(part.events()).toContainEqual({
    type: 'warning',
    code: 'WARN_ONLY_UNUSED',
    message: 'nothing matches "b.txt"',
  })
  expect(part.events().at(-1)).toMatchObject({ type: 'done', path: result, bytes: 2_000_000, bytesReused: 0 })
  expect((await readdir(result, { recursive: true })).toSorted()).toEqual(['day 1', 'day 1/sea.jpg'])

  const rest = await run('fetch', link, '-o', out, '--json', ...home)
  expect(rest.events().at(-1)).toMatchObject({ type: 'done', bytes: 2_000_003, bytesReused: 2_000_000 })
  const again = await run('fetch', link, '-o', out, '--json', ...home)
  expect(again.events().at(-1)).toMatchObject({ type: 'done', bytes: 2_000_003, bytesReused: 2_000_003 })

  await writeFile(join(result, 'a.txt'), 'my own')
  const refused = await run('fetch', link, '-o', out, ...home)
  expect([refused.status, String(refused.stdout)]).toEqual([5, ''])
  expect(refused.stderr).toContain(
    [
      `shoal: ${join(result, 'a.txt')} is there already, with other content`,
      '  Choose another folder with -o, or replace such files with --overwrite.',
      '  ERR_DESTINATION_EXISTS, exit 5\n',
    ].join('\n'),
  )
  expect(await readFile(join(result, 'a.txt'), 'utf8')).toBe('my own')
  const over = await run('fetch', link, '-o', out, '--overwrite', '--quiet', ...home)
  expect([over.status, String(over.stdout)]).toEqual([0, `${result}\n`])
  expect(await readFile(join(result, 'a.txt'), 'utf8')).toBe('one')

  const nothing = await run('fetch', link, '-o', out, '--only', 'none', '--json', ...home)
  expect(nothing.status).toBe(3)
  expect(nothing.events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_NOT_IN_SHARE' })
  const malformed = await run('fetch', link, '-o', out, '--only', '../x', ...home)
  expect(malformed.status).toBe(2)
  expect(await readdir(out)).toEqual(['holiday'])
}, 60_000)
