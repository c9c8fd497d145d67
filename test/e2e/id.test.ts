/** `shoal id export` and `import`, as processes. Needs `tsc -b`. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
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
  expect(exported.events()).toEqual([{ type: 'id', peerId: expect.stringMatching(/^12D3Koo/), home, file }])
  expect((await stat(file)).mode & 0o077).toBe(0)
  // Into the home of the node that runs, and into one that has none.
  const refused = await run('id', 'import', file, '--home', home, ...flags)
  expect([refused.status, refused.events().at(-1)?.['code']]).toEqual([5, 'ERR_DESTINATION_EXISTS'])
  const imported = await run('id', 'import', file, '--home', other, ...flags)
  expect(imported.events()).toEqual([{ type: 'id', peerId, home: other, file }])
  expect((await run('id', '--home', other)).text).toBe(`${String(peerId)}\n`)
  expect(await readFile(file, 'utf8')).not.toContain(PASSPHRASE)
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
