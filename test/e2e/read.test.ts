/** `shoal cat` and `shoal fetch -o -` as processes. Needs `tsc -b`. */
import { execFile } from 'node:child_process'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { folderOf, temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run, share } from '../helpers/shoal.ts'
import { quoted } from '../helpers/terminal.ts'

/** Every byte there is, so that nothing may be taken for text on the way. */
const SEA = Buffer.from(Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff))
/** Takes long enough on any machine to be stopped in the middle; holes, so that it is made at once. */
const LARGE_BYTES = 250_000_000

function holiday(): Promise<string> {
  return folderOf('holiday', { 'day 1/sea.bin': SEA, 'übung 日本.txt': 'umlaut\n', empty: '' })
}

async function large(): Promise<string> {
  const file = join(await temporaryFolder(), 'large')
  await writeFile(file, '')
  await truncate(file, LARGE_BYTES)
  return file
}

describe.each([
  ['sealed', []],
  ['public', ['--public']],
])('%s', (_form, form) => {
  test('cat writes a file, a range of one, and nothing of an empty one', async () => {
    const link = await share(await holiday(), ...form, ...(await own()))
    const whole = await run('cat', link, 'day 1/sea.bin', ...(await own()))
    expect([whole.status, whole.stderr]).toEqual([0, ''])
    expect(whole.stdout.equals(SEA)).toBe(true)
    const part = await run('cat', link, 'day 1/sea.bin', '--range', '1048000-1049999', ...(await own()))
    expect(part.status).toBe(0)
    expect(part.stdout.equals(SEA.subarray(1_048_000, 1_050_000))).toBe(true)
    const empty = await run('cat', link, 'empty', ...(await own()))
    expect([empty.status, empty.stdout.byteLength]).toEqual([0, 0])
  })

  test('fetch -o - writes the only file, and says that it is done', async () => {
    const folder = join(await temporaryFolder(), 'one')
    await mkdir(join(folder, 'nothing'), { recursive: true })
    await writeFile(join(folder, 'sea.bin'), SEA)
    for (const path of [folder, join(folder, 'sea.bin')]) {
      const link = await share(path, ...form, ...(await own()))
      const fetch = await run('fetch', link, '-o', '-', ...(await own()), '--json')
      expect([fetch.status, fetch.stdout.equals(SEA)]).toEqual([0, true])
      const done = fetch.events('stderr').at(-1)
      expect(done).toMatchObject({ type: 'done', path: '-', bytes: SEA.byteLength, bytesReused: 0 })
      expect(done?.['bytesFetched']).toBeGreaterThanOrEqual(SEA.byteLength)
      expect(done?.['seconds']).toBeGreaterThan(0)
    }
  })
})

test('json goes to standard error, also where the command line is wrong', async () => {
  const flags = await own()
  const link = await share(await holiday(), ...flags)
  const good = await run('cat', link, 'day 1/sea.bin', '--json', ...flags)
  expect(good.stdout.equals(SEA)).toBe(true)
  const events = good.events('stderr')
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['progress']))
  expect(events.at(-1)).toMatchObject({ bytes: SEA.byteLength, total: SEA.byteLength })
  const cases: [string[], number, string][] = [
    [['cat', link, 'day 1'], 2, 'ERR_IS_FOLDER'],
    [['cat', link], 2, 'ERR_IS_FOLDER'],
    [['cat', link, 'night'], 3, 'ERR_NOT_IN_SHARE'],
    [['cat', link, 'empty', '--range', '0-0'], 2, 'ERR_RANGE'],
    [['cat', link, 'day 1/sea.bin', '--range', '9-3'], 2, 'ERR_RANGE'],
    [['cat', link, '--range', 'x'], 2, 'ERR_USAGE'],
    [['cat', link.slice(0, -9)], 2, 'ERR_LINK_MALFORMED'],
    [['fetch', link, '-o', '-'], 2, 'ERR_USAGE'],
  ]
  for (const [args, status, code] of cases) {
    const bad = await run(...args, '--json', ...flags)
    expect([bad.status, bad.stdout.byteLength], args.join(' ')).toEqual([status, 0])
    expect(bad.events('stderr').at(-1)).toMatchObject({ type: 'error', code })
  }
}, 60_000)

test('a folder of several files, or of none, is no single file: the hint says what is', async () => {
  const folder = join(await temporaryFolder(), 'none')
  await mkdir(join(folder, 'nothing'), { recursive: true })
  const several = await share(await holiday(), ...(await own()))
  const none = await share(folder, ...(await own()))
  const [first, second] = await Promise.all(
    [several, none].map(async (link) => run('fetch', link, '-o', '-', ...(await own()))),
  )
  expect([first?.status, second?.status]).toEqual([2, 2])
  expect(first?.stderr).toContain('shoal cat LINK PATH')
  expect(second?.stderr).toContain('there is no file')
})

test('nobody who has it: 3, after the time that was given', async () => {
  const sharing = new Shoal(['share', await holiday(), '--json', ...(await own())])
  const ready = await sharing.event('ready')
  sharing.child.kill('SIGINT')
  await sharing.ended
  const alone = await run('cat', String(ready['link']), 'empty', '--wait', '1s', '--json', ...(await own()))
  expect(alone.status).toBe(3)
  expect(alone.events('stderr').at(-1)).toMatchObject({ type: 'error', code: 'ERR_NO_PROVIDER' })
})

test.each([['cat'], ['fetch']])(
  '%s: a reader that had enough, such as head, is no fault',
  async (command) => {
    const link = await share(await large(), ...(await own()))
    const reading = new Shoal([command, link, ...(command === 'fetch' ? ['-o', '-'] : []), ...(await own())])
    reading.child.stdout?.once('data', () => reading.child.stdout?.destroy())
    expect(await reading.ended).toBe(0)
    expect(reading.stderr).toBe('')
    expect(reading.stdout.byteLength).toBeLessThan(LARGE_BYTES)
  },
)

test.runIf(process.platform === 'linux')('standard output that cannot be written: 5', async () => {
  const link = await share(await holiday(), ...(await own()))
  const words = quoted([process.execPath, SHOAL, 'cat', link, 'day 1/sea.bin', '--json', ...(await own())])
  const { status, stderr } = await promisify(execFile)('sh', ['-c', `${words} > /dev/full`]).then(
    () => ({ status: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => ({ status: error.code, stderr: error.stderr }),
  )
  expect(status).toBe(5)
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'error',
    code: 'ERR_DISK',
  })
})

test('Ctrl-C in the middle: 130', async () => {
  const link = await share(await large(), ...(await own()))
  const reading = new Shoal(['cat', link, '--json', ...(await own())])
  await reading.until(() => (reading.stdout.byteLength > 0 ? true : undefined), 'the first bytes')
  reading.child.kill('SIGINT')
  expect(await reading.ended).toBe(130)
  expect(reading.events('stderr').at(-1)).toMatchObject({ type: 'error', code: 'ERR_INTERRUPTED' })
})

test('when the process with the node is killed, an attached cat goes on at its byte', async () => {
  const file = await large()
  const mark = Buffer.from(Uint32Array.from({ length: 15_000_000 }, (_, i) => i).buffer)
  await writeFile(file, mark)
  const link = await share(file, ...(await own()))
  const flags = await own()
  const holder = new Shoal(['share', await holiday(), '--json', ...flags])
  await holder.event('ready')
  const reading = new Shoal(['cat', link, ...flags])
  await reading.until(() => (reading.stdout.byteLength > 0 ? true : undefined), 'the first bytes')
  // Whatever the machine does, it cannot end before it is taken.
  reading.child.stdout?.pause()
  holder.child.kill('SIGKILL')
  await holder.ended
  reading.child.stdout?.resume()
  expect(await reading.ended).toBe(0)
  expect(reading.stdout.equals(mark)).toBe(true)
})
