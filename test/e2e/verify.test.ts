/** `shoal verify` as a process. Needs `tsc -b`. */
import { access, cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOf, temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run, share } from '../helpers/shoal.ts'

function holiday(): Promise<string> {
  return folderOf('holiday', { 'day 1/sea.bin': Buffer.alloc(3_000_000, 7), 'a.txt': 'one', 'b.txt': 'two' })
}

describe.each([
  ['sealed', []],
  ['public', ['--public']],
])('%s', (_form, form) => {
  test('good, changed, missing and more', async () => {
    const folder = await holiday()
    const link = await share(folder, ...form, ...(await own()))
    const copy = join(await temporaryFolder(), 'copy')
    await cp(folder, copy, { recursive: true })
    const good = await run('verify', copy, link, '--json', ...(await own()))
    expect([good.status, good.stderr]).toEqual([0, ''])
    expect(good.events().at(-1)).toMatchObject({ type: 'done', path: copy, bytes: 3_000_006 })

    await writeFile(join(copy, 'more'), 'more')
    const more = await run('verify', copy, link, ...(await own()))
    expect([more.status, String(more.stdout)]).toEqual([0, ''])
    expect(more.stderr).toContain('more is not in the share')
    expect(more.stderr).toContain('verify copy: the same, 3000006 bytes')

    await writeFile(join(copy, 'b.txt'), 'TWO')
    await rm(join(copy, 'day 1/sea.bin'))
    const bad = await run('verify', copy, link, '--json', ...(await own()))
    expect(bad.status).toBe(4)
    expect(bad.events().filter(({ type }) => type !== 'hashing')).toMatchObject([
      { type: 'warning', code: 'WARN_NOT_IN_SHARE' },
      { type: 'bad', path: 'b.txt' },
      { type: 'bad', path: 'day 1/sea.bin' },
      { type: 'error', code: 'ERR_VERIFY_FAILED' },
    ])
    const quiet = await run('verify', copy, link, '--quiet', ...(await own()))
    expect([quiet.status, String(quiet.stdout)]).toEqual([4, 'b.txt\nday 1/sea.bin\n'])
  }, 60_000)
})

test('a path that is missing: 5; nobody who has it: 3', async () => {
  const folder = await holiday()
  const sharing = new Shoal(['share', folder, '--json', ...(await own())])
  const ready = await sharing.event('ready')
  const link = String(ready['link'])
  const missing = await run('verify', join(folder, 'nowhere'), link, '--json', ...(await own()))
  expect(missing.status).toBe(5)
  expect(missing.events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_SOURCE_MISSING' })
  sharing.child.kill('SIGINT')
  await sharing.ended
  const alone = await run('verify', folder, link, '--wait', '1s', '--json', ...(await own()))
  expect(alone.status).toBe(3)
})

test('Ctrl-C while nobody is found: 130', async () => {
  const folder = await holiday()
  const sharing = new Shoal(['share', folder, ...(await own())])
  const link = await sharing.link()
  sharing.child.kill('SIGINT')
  await sharing.ended
  for (const form of [['--json'], []]) {
    const flags = await own()
    const verifying = new Shoal(['verify', folder, link, '--wait', '0', ...form, ...flags])
    const isStarted = (): Promise<true | undefined> =>
      access(join(String(flags[1]), 'token')).then(
        () => true,
        () => undefined,
      )
    await verifying.until(isStarted, 'its node')
    verifying.signal('SIGINT')
    expect([await verifying.ended, verifying.text === '']).toEqual([130, form.length === 0])
    const told = form.length === 0 ? verifying.stderr : verifying.text
    expect(told).toMatch(form.length === 0 ? /\n {2}ERR_INTERRUPTED, exit 130\n$/ : /"ERR_INTERRUPTED"/)
  }
})

test('when the process with the node is killed, an attached verify begins anew', async () => {
  const link = await share(await holiday(), ...(await own()))
  const folder = await holiday()
  const flags = await own()
  const holder = new Shoal(['share', folder, '--json', ...flags])
  await holder.event('ready')
  await writeFile(join(folder, 'b.txt'), 'TWO')
  const verifying = new Shoal(['verify', folder, link, '--json', ...flags])
  holder.child.kill('SIGKILL')
  expect(await verifying.ended).toBe(4)
  const told = verifying.events().filter(({ type }) => type === 'bad')
  expect(told).toEqual([{ type: 'bad', path: 'b.txt' }])
})
