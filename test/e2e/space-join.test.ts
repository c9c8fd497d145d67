/** Two homes and no more than the command: one invites, the other joins, both see the same code. Needs `tsc -b`. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { endWithTest } from '../helpers/background.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { own, run, Shoal, type Json } from '../helpers/shoal.ts'

interface Home {
  readonly flags: readonly string[]
  /** What a command prints with `--json` that has to succeed. */
  readonly json: (...words: readonly string[]) => Promise<Json[]>
}

async function homeNamed(folder: string, name: string): Promise<Home> {
  const flags = await own(join(folder, name))
  endWithTest(join(folder, name))
  const json = async (...words: readonly string[]): Promise<Json[]> => {
    const told = await run('space', ...words, '--json', ...flags)
    expect(told.status, `${words.join(' ')}: ${told.text}`).toBe(0)
    return told.events()
  }
  return { flags, json }
}

async function two(): Promise<{ ada: Home; ben: Home }> {
  const folder = await temporaryFolder()
  const [ada, ben] = [await homeNamed(folder, 'ada'), await homeNamed(folder, 'ben')]
  await ada.json('create', 'studio')
  return { ada, ben }
}

async function linkOf(home: Home, ...options: readonly string[]): Promise<string> {
  return String((await home.json('invite', 'studio', ...options))[0]?.['link'])
}

/** The one that asks, as soon as it does. */
async function waiting(at: Home, joining: Shoal): Promise<Json> {
  return await joining.until(async () => (await at.json('approve', 'studio'))[0], 'a request')
}

/** The codes that were shown so far. */
const codes = (joining: Shoal): unknown[] =>
  joining.events().flatMap(({ code }) => (typeof code === 'string' ? [code] : []))

test('a device joins with approval, and both sides show the same six digits', async () => {
  const { ada, ben } = await two()
  const link = await linkOf(ada, '--role', 'read')
  // From a pipe, so that nobody else on the computer reads it.
  const joining = new Shoal(['space', 'join', '-', '--name', "Ben's laptop", '--json', ...ben.flags], {
    stdin: `${link}\n`,
  })
  const request = await waiting(ada, joining)
  expect(request).toMatchObject({ type: 'request', name: "Ben's laptop", role: 'read', state: 'waiting' })
  expect(request['code']).toMatch(/^\d{3} \d{3}$/)
  await joining.until(() => codes(joining)[0], 'a code')
  expect(codes(joining)).toEqual([request['code']])
  const inAPipe = await run('space', 'approve', 'studio', ...ada.flags)
  const asked = new Date(Number(request['asked'])).toISOString()
  const row = [request['id'], 'read', request['code'], asked, "Ben's laptop"]
  expect(inAPipe.text).toBe(`${row.join('\t')}\n`)
  const approved = await ada.json('approve', 'studio', String(request['id']).slice(0, 6))
  expect(approved).toEqual([{ ...request, state: 'approved' }])
  expect(await joining.ended, joining.text + joining.stderr).toBe(0)
  expect(joining.events().at(-1)).toMatchObject({ type: 'joined', name: 'studio', isNew: true })
  const [atAda, atBen] = [await ada.json('members', 'studio'), await ben.json('members', 'studio')]
  expect(atAda).toHaveLength(2)
  expect(atBen.map(({ id, role }) => [id, role])).toEqual(atAda.map(({ id, role }) => [id, role]))
  expect(atBen.find(({ self }) => self === true)).toMatchObject({ role: 'read' })
  // The same link again says that it is in it.
  expect((await ben.json('join', link)).at(-1)).toMatchObject({ type: 'joined', isNew: false })
}, 120_000)

test('with --instant nobody has to approve; a link that is used up, revoked or expired lets nobody in', async () => {
  const { ada, ben } = await two()
  const instant = await linkOf(ada, '--instant')
  const told = await run('space', 'join', instant, ...ben.flags)
  expect([told.status, told.text]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}\n$/)])
  expect(told.stderr).toContain('space studio: joined\n')
  expect(await ada.json('members', 'studio')).toHaveLength(2)

  const carol = await homeNamed(await temporaryFolder(), 'carol')
  const ended = await linkOf(ada)
  const [{ id = '' } = {}] = await ada.json('invitations', 'studio')
  await ada.json('revoke', 'studio', String(id))
  const short = await linkOf(ada, '--expires', '1s')
  const end = Date.now() + 1_000
  await expect.poll(() => Date.now() > end, { timeout: 5_000 }).toBe(true)
  for (const link of [instant, ended, short]) {
    const refused = await run('space', 'join', link, '--json', ...carol.flags)
    expect([refused.status, refused.events().at(-1)?.['code']]).toEqual([8, 'ERR_INVITE_OVER'])
  }
  const damaged = await run('space', 'join', `${instant.slice(0, 120)}x`, '--json', ...carol.flags)
  expect([damaged.status, damaged.events().at(-1)?.['code']]).toEqual([2, 'ERR_LINK_MALFORMED'])
  expect(damaged.text).not.toContain(instant.slice(80, 110))
  expect(await carol.json('list')).toEqual([])
}, 180_000)

test('a device is refused, gives up, and finds the other again that was started anew meanwhile', async () => {
  const { ada, ben } = await two()
  const link = await linkOf(ada)
  const asking = (): Shoal => new Shoal(['space', 'join', link, '--json', ...ben.flags])
  const refused = asking()
  const first = await waiting(ada, refused)
  expect(await ada.json('approve', 'studio', String(first['id']), '--refuse')).toEqual([
    { ...first, state: 'refused' },
  ])
  expect([await refused.ended, refused.events().at(-1)?.['code']]).toEqual([8, 'ERR_INVITE_OVER'])

  const left = asking()
  await waiting(ada, left)
  left.signal('SIGINT')
  expect(await left.ended).toBe(130)
  await expect.poll(() => ada.json('approve', 'studio'), { timeout: 20_000 }).toEqual([])

  const again = asking()
  const before = await waiting(ada, again)
  await run('daemon', 'stop', ...ada.flags)
  const after = await again.until(async () => {
    const [request] = await ada.json('approve', 'studio')
    return request?.['id'] === before['id'] ? undefined : request
  }, 'another request')
  expect(after['code']).not.toBe(before['code'])
  await ada.json('approve', 'studio', String(after['id']))
  expect(await again.ended, again.text + again.stderr).toBe(0)
  expect(await ben.json('members', 'studio')).toHaveLength(2)

  await run('daemon', 'stop', ...ada.flags)
  const carol = await homeNamed(await temporaryFolder(), 'carol')
  const nobody = await run('space', 'join', link, '--wait', '1s', '--json', ...carol.flags)
  expect([nobody.status, nobody.events().at(-1)?.['code']]).toEqual([3, 'ERR_NO_PROVIDER'])
}, 240_000)
