/** `shoal id export` and `import`, as processes. Needs `tsc -b`. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNode } from '@shoal/node'
import { expect, onTestFinished, test } from 'vitest'
import { keptSpaces } from '../../packages/node/src/spaces/host/kept-spaces.ts'
import { SHOAL } from '../bench/processes.ts'
import { LOOPBACK, temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run } from '../helpers/shoal.ts'
import { Terminal, WHY_NO_TERMINAL, hasTerminal, quoted } from '../helpers/terminal.ts'

const PASSPHRASE = 'seven grey pebbles'

test('an identity goes to another home while its own node runs, and says what it did in JSON', async () => {
  const folder = await temporaryFolder()
  const [home, other, file] = ['home', 'other', 'ada.shoal-id'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const secret = join(folder, 'pass')
  await writeFile(secret, `${PASSPHRASE}\n`)
  await writeFile(join(folder, 'talk.txt'), 'content')
  const share = new Shoal(['share', join(folder, 'talk.txt'), ...(await own(home)), '--json'])
  await share.event('ready')
  const flags = ['--passphrase-file', secret, '--json']
  const exported = await run('id', 'export', file, '--home', home, ...flags)
  const [{ peerId } = {}] = exported.events()
  const along = { spaces: 0, shares: 1 }
  expect(exported.events()).toEqual([
    { type: 'id', peerId: expect.stringMatching(/^12D3Koo/), home, file, ...along },
  ])
  expect((await stat(file)).mode & 0o077).toBe(0)
  // Into the home of the node that runs, and into one that has none.
  const refused = await run('id', 'import', file, '--home', home, ...flags)
  expect([refused.status, refused.events().at(-1)?.['code']]).toEqual([5, 'ERR_DESTINATION_EXISTS'])
  const imported = await run('id', 'import', file, '--home', other, ...flags)
  expect(imported.events()).toEqual([{ type: 'id', peerId, home: other, file, ...along }])
  expect((await run('id', '--home', other)).text).toBe(`${String(peerId)}\n`)
  // Only its link is there: there is nothing to serve, and nothing to read back.
  const [{ root }] = (await run('shares', '--home', other, '--json')).events() as [{ root: string }]
  await using node = await createNode({ ...LOOPBACK, home: other })
  const notShared = { code: 'ERR_NOT_SHARED' }
  await expect(node.serve(root)).rejects.toMatchObject(notShared)
  await expect(node.scrub({ root })).rejects.toMatchObject(notShared)
  expect(await node.scrub()).toMatchObject({ shares: 0 })
  const known: unknown[] = []
  for await (const each of node.shares()) known.push(each)
  expect(known).toMatchObject([{ root, state: 'stopped', name: 'talk.txt' }])
  expect(await readFile(file, 'utf8')).not.toContain(PASSPHRASE)
})

test('what was shared is known by its link in the other home, and comes from whoever has it', async () => {
  const folder = await temporaryFolder()
  const at = (...names: readonly string[]): string => join(folder, ...names)
  const [home, other, third, file] = [at('home'), at('other'), at('third'), at('ada.shoal-id')]
  const content = randomBytes(2_500_000)
  await mkdir(at('Holiday', 'day 1'), { recursive: true })
  await writeFile(at('Holiday', 'day 1', 'sea.jpg'), content)
  await writeFile(at('pass'), `${PASSPHRASE}\n`)
  await using node = await createNode({ ...LOOPBACK, home })
  const { id: space } = await node.spaces.create('Studio')
  await node.stop()
  const share = new Shoal(['share', at('Holiday'), ...(await own(home)), '--json'])
  const { link, root } = await share.event('ready')
  // Somebody else has it too: two devices of one identity do not reach each other.
  const seed = new Shoal(['fetch', String(link), '-o', third, '--seed', '--json', ...(await own(at('c')))])
  await seed.event('done')
  const flags = ['--passphrase-file', at('pass'), '--json']
  const along = { spaces: 1, shares: 1 }
  expect((await run('id', 'export', file, '--home', home, ...flags)).events()).toMatchObject([along])
  expect((await run('id', 'import', file, '--home', other, ...flags)).events()).toMatchObject([along])
  expect(keptSpaces(other)).toEqual([{ id: space, name: 'Studio' }])
  share.signal('SIGINT')
  await share.ended

  const [listed] = (await run('shares', '--home', other, '--json')).events()
  expect(listed).toMatchObject({
    root,
    name: 'Holiday',
    bytes: content.length,
    sealed: true,
    state: 'stopped',
  })
  const peer = (await run('status', '--home', at('c'), '--json')).events()[0]?.['addresses'] as string[]
  const back = at('back')
  const from = ['--peer', String(peer[0]), ...(await own(other))]
  const got = await run('fetch', String(listed?.['link']), '-o', back, ...from)
  expect(got.status, got.stderr).toBe(0)
  expect((await readFile(join(back, 'Holiday', 'day 1', 'sea.jpg'))).equals(content)).toBe(true)
  // A share of the same files is a new one, and the old link can be forgotten.
  const again = new Shoal(['share', join(back, 'Holiday'), ...(await own(other)), '--json'])
  expect((await again.event('ready'))['root']).not.toBe(root)
  again.signal('SIGINT')
  await again.ended
  expect((await run('unshare', String(root), '--home', other)).status).toBe(0)
  const left = (await run('shares', '--home', other, '--json')).events()
  expect(left.map((each) => each['root'] === root)).toEqual([false])
  // A space whose log is yet to come is in no list, and is kept.
  await using brought = await createNode({ ...LOOPBACK, home: other })
  expect(await brought.spaces.list()).toEqual([])
  expect(keptSpaces(other)).toEqual([{ id: space, name: 'Studio' }])
})

test('what --seed serves under a link that was brought along is shared here from then on', async () => {
  const folder = await temporaryFolder()
  const at = (...names: readonly string[]): string => join(folder, ...names)
  await writeFile(at('talk.txt'), 'content')
  await writeFile(at('pass'), `${PASSPHRASE}\n`)
  const share = new Shoal(['share', at('talk.txt'), ...(await own(at('home'))), '--json'])
  const { link, root } = await share.event('ready')
  const keeps = new Shoal([
    'fetch',
    String(link),
    '-o',
    at('c'),
    '--seed',
    '--json',
    ...(await own(at('c-home'))),
  ])
  await keeps.event('done')
  const flags = ['--passphrase-file', at('pass')]
  await run('id', 'export', at('x'), '--home', at('home'), ...flags)
  await run('id', 'import', at('x'), '--home', at('other'), ...flags)
  const peer = (await run('status', '--home', at('c-home'), '--json')).events()[0]?.['addresses'] as string[]
  const seed = new Shoal(
    ['fetch', String(link), '-o', at('b'), '--seed', '--json', '--peer', String(peer[0])].concat(
      await own(at('other')),
    ),
  )
  await seed.event('done')
  const listed = await seed.until(async () => {
    const events = (await run('shares', '--home', at('other'), '--json')).events()
    return events.some(({ state }) => state === 'serving') ? events : undefined
  }, 'the share')
  expect(listed).toMatchObject([{ root, state: 'serving' }])
})

test('where nobody can type a passphrase, it says what to do', async () => {
  const folder = await temporaryFolder()
  const { status, stderr } = await run('id', 'export', join(folder, 'x'), '--home', join(folder, 'home'))
  expect(status).toBe(2)
  expect(stderr).toMatch(/--passphrase-file/)
})

test.skipIf(!hasTerminal)(`a passphrase is typed twice, and never shown${WHY_NO_TERMINAL}`, async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'ada.shoal-id')
  const first = await typed(['id', 'export', file, '--home', join(folder, 'home')], PASSPHRASE, PASSPHRASE)
  expect([first.status, first.text]).toEqual([0, expect.stringMatching(/12D3Koo[^]*Saved to/)])
  const second = await typed(['id', 'import', file, '--home', join(folder, 'other')], PASSPHRASE)
  expect([second.status, second.text]).toEqual([0, expect.stringMatching(/has the identity of/)])
  for (const { text } of [first, second]) expect(text).not.toMatch(/pebbles|grey/)
  const differs = await typed(
    ['id', 'export', join(folder, 'b'), '--home', join(folder, 'home')],
    'one two',
    'on two',
  )
  expect([differs.status, differs.text]).toEqual([2, expect.stringMatching(/not the same/)])
  const left = await typed(['id', 'export', join(folder, 'c'), '--home', join(folder, 'home')], 'one\u0003')
  expect([left.status, left.text]).toEqual([130, expect.stringMatching(/stopped before/)])
  await expect(stat(join(folder, 'c'))).rejects.toMatchObject({ code: 'ENOENT' })
})

/** Runs a command on a terminal and types a line whenever it asks. */
async function typed(
  words: readonly string[],
  ...lines: readonly string[]
): Promise<{ status: number | null; text: string }> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, LANG: 'C.UTF-8' }
  const terminal = new Terminal(quoted([process.execPath, SHOAL, ...words]), env)
  onTestFinished(() => void terminal.child.kill('SIGKILL'))
  for (const [index, line] of lines.entries()) {
    await terminal.sees(index === 0 ? /not shown: / : /again: /)
    terminal.type(line.includes('\u0003') ? line : `${line}\r`)
  }
  return { status: await terminal.ended, text: terminal.text }
}
