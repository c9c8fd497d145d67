/** How much of the disk Shoal may use, as who types commands meets it. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run } from '../helpers/shoal.ts'

test('standard input that does not fit is refused with what fits, and taken in when more may be used', async () => {
  const home = join(await temporaryFolder(), 'home')
  expect(await run('config', 'set', 'quota', '1MB', '--home', home)).toMatchObject({ status: 0 })
  expect((await run('config', 'get', 'quota', '--home', home)).text).toBe('1000000\n')
  const flags = await own(home)
  const stdin = 'x'.repeat(1_000_001)
  const refused = new Shoal(['share', '-', ...flags], { stdin })
  expect(await refused.ended).toBe(5)
  expect(refused.stderr).toContain('Shoal may use 1 MB of this disk and 0 B are used: 1 MB do not fit')
  expect(refused.stderr).toContain('shoal config set quota')
  expect(await readdir(join(home, 'inputs'))).toEqual([])
  const asJson = new Shoal(['share', '-', '--json', ...flags], { stdin })
  expect(await asJson.ended).toBe(5)
  expect(asJson.events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_QUOTA' })
  await run('config', 'set', 'quota', '1000001', '--home', home)
  const taken = new Shoal(['share', '-', ...flags], { stdin })
  expect(await taken.link()).toContain('shoal://')
  // A running node goes by what is set at once, and says when that is less than is used.
  const lower = await run('config', 'set', 'quota', '5', '--home', home)
  expect([lower.status, lower.stderr]).toEqual([0, expect.stringContaining('more than 5 B are used')])
  taken.signal('SIGINT')
  expect(await taken.ended).toBe(0)
})
