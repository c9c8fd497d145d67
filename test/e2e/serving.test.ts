/** `fetch --seed` and `share --times`, as processes. Needs `tsc -b`. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run } from '../helpers/shoal.ts'

const BYTES = 2_500_000

async function setting(): Promise<{ work: string; file: string; content: Buffer }> {
  const work = await temporaryFolder()
  const file = join(work, 'talk.bin')
  const content = randomBytes(BYTES)
  await writeFile(file, content)
  return { work, file, content }
}

/** The addresses of a fetch that goes on serving, as flags of another command. */
async function peerFlags(home: string): Promise<string[]> {
  const status = await run('status', '--home', home, '--json')
  const addresses = status.events()[0]?.['addresses'] as readonly string[] | undefined
  return ['--peer', String(addresses?.[0])]
}

describe('fetch --seed', () => {
  test('serves what came under the same link when its sender is gone', async () => {
    const { work, file, content } = await setting()
    const share = new Shoal(['share', file, ...(await own()), '--json'])
    const { link, root } = await share.event('ready')
    const home = join(work, 'home')
    const fetch = new Shoal([
      'fetch',
      String(link),
      '-o',
      join(work, 'b'),
      '--seed',
      '--json',
      ...(await own(home)),
    ])
    await fetch.event('done')
    share.signal('SIGINT')
    await share.ended
    const flags = await peerFlags(home)
    const bare = String(link).split('.')[0] ?? ''
    const second = await run('fetch', bare, '-o', join(work, 'c'), ...(await own()), ...flags)
    expect(second.status).toBe(0)
    expect((await readFile(join(work, 'c', 'talk.bin'))).equals(content)).toBe(true)
    const shares = await run('shares', '--home', home, '--json')
    expect(shares.events()).toMatchObject([{ type: 'share', root, state: 'serving' }])
    await fetch.until(() => {
      const served = fetch.events().findLast((event) => event['type'] === 'served')
      return Number(served?.['bytes']) >= BYTES ? served : undefined
    }, 'what was sent')
    fetch.signal('SIGTERM')
    expect(await fetch.ended).toBe(0)
    expect(fetch.events().filter(({ type }) => type === 'error')).toEqual([])
    const types = fetch.events().map(({ type }) => type)
    expect(types.indexOf('served')).toBeGreaterThan(types.indexOf('done'))
  })

  test('tells in plain lines that it goes on, and what it sent', async () => {
    const { work, file } = await setting()
    const share = new Shoal(['share', file, ...(await own())])
    const link = await share.link()
    const fetch = new Shoal(['fetch', link, '-o', join(work, 'b'), '--seed', ...(await own())])
    await fetch.until(() => (fetch.stderr.includes('serving it to others') ? true : undefined), 'a line')
    expect(fetch.text).toBe(`${join(work, 'b', 'talk.bin')}\n`)
    fetch.signal('SIGINT')
    expect(await fetch.ended).toBe(0)
    expect(fetch.stderr).toMatch(/fetch talk\.bin: stopped serving, sent 0 bytes\n$/)
  })

  test('ends with 130 when it is stopped before everything came', async () => {
    const { work } = await setting()
    const link = `shoal://bafyreihyrpefhacm6kkp4ql6j6udakdit7g3dmkzfriqfykhjw6cad5lrm`
    const nobody = new Shoal(['fetch', `${link}#`, '--seed', '--wait', '0', '-o', work, ...(await own())])
    // A private link without its key is refused before anybody is looked for.
    expect(await nobody.ended).toBe(2)
    const { file } = await setting()
    const share = new Shoal(['share', file, ...(await own())])
    const shared = (await share.link()).split('.')[0] ?? ''
    const fetch = new Shoal(['fetch', shared, '--seed', '--wait', '0', '-o', work, ...(await own())])
    await fetch.until(() => (fetch.stderr.includes('looking') ? true : undefined), 'its start')
    fetch.signal('SIGINT')
    expect(await fetch.ended).toBe(130)
  })
})

describe('share', () => {
  test('--times ends it with 0 when so many devices got everything', async () => {
    const { work, file, content } = await setting()
    const share = new Shoal(['share', file, '--times', '1', ...(await own()), '--json'])
    const { link } = await share.event('ready')
    const fetch = await run('fetch', String(link), '-o', join(work, 'b'), ...(await own()))
    expect(fetch.status).toBe(0)
    expect(await share.ended).toBe(0)
    expect((await readFile(join(work, 'b', 'talk.bin'))).equals(content)).toBe(true)
    expect(share.events().at(-1)).toMatchObject({ type: 'served' })
    expect(share.events().at(-1)?.['bytes']).toBeGreaterThanOrEqual(BYTES)
  })

  test('--times goes on when the process with the node ends before so many devices got everything', async () => {
    const { work, file, content } = await setting()
    const other = join(work, 'other.bin')
    await writeFile(other, 'other')
    const home = join(work, 'home')
    const first = new Shoal(['share', other, ...(await own(home))])
    await first.link()
    const share = new Shoal(['share', file, '--times', '1', ...(await own(home)), '--json'])
    const { link } = await share.event('ready')
    first.signal('SIGTERM')
    await first.ended
    // The link is said again by the node that took it over.
    expect(await share.event('ready', 2)).toMatchObject({ link })
    const fetch = await run('fetch', String(link), '-o', join(work, 'b'), ...(await own()))
    expect(fetch.status).toBe(0)
    expect((await readFile(join(work, 'b', 'talk.bin'))).equals(content)).toBe(true)
    expect(await share.ended).toBe(0)
    expect(share.events().at(-1)).toMatchObject({ type: 'served' })
  })

  test('--times 0 is refused', async () => {
    const share = await run('share', '.', '--times', '0')
    expect(share.status).toBe(2)
    expect(share.stderr).toContain('--times 0 is not a whole number from 1 on')
  })

  test('--seed does not go with -o -', async () => {
    const fetch = await run('fetch', 'shoal://x', '-o', '-', '--seed')
    expect(fetch.status).toBe(2)
    expect(fetch.stderr).toContain('--seed does not go with -o -')
  })
})
