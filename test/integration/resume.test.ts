import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { FetchResult, ShoalNode } from '@shoal/node'
import { describe, expect, test } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const BYTES = 120_000_000
const FORMS = [
  ['sealed', false],
  ['public', true],
] as const

interface Interrupted {
  readonly bob: ShoalNode
  readonly link: string
  readonly out: string
  readonly content: Buffer
  /** The folder that the interrupted fetch left. */
  readonly staging: string
}

/** A fetch of a folder with one large and some small files, aborted after its first blocks. */
async function interrupt(isPublic: boolean): Promise<Interrupted> {
  const [alice, bob] = [await startNode(), await startNode()]
  const work = await temporaryFolder()
  const folder = join(work, 'Holiday')
  await mkdir(join(folder, 'small/empty'), { recursive: true })
  const content = randomBytes(BYTES)
  await writeFile(join(folder, 'large'), content)
  for (let i = 0; i < 20; i++) await writeFile(join(folder, 'small', `${i}`), content.subarray(i, i * 100))
  const { link } = await alice.share(folder, { public: isPublic })
  const out = join(work, 'out')
  const stop = new AbortController()
  const fetch = bob.fetch(link, {
    directory: out,
    signal: stop.signal,
    onEvent: (event) => event.type === 'progress' && event.bytes > 0 && stop.abort(new Error('enough')),
  })
  await expect(fetch).rejects.toThrow('enough')
  const [left, ...others] = await readdir(out)
  expect(others).toEqual([])
  expect(left).toMatch(/^\.shoal-[0-9a-f]{16}$/)
  return { bob, link, out, content, staging: join(out, left as string) }
}

async function resume({ bob, link, out, content }: Interrupted): Promise<FetchResult> {
  const result = await bob.fetch(link, { directory: out })
  expect(Buffer.compare(await readFile(join(result.path, 'large')), content)).toBe(0)
  for (let i = 0; i < 20; i++) {
    expect(await readFile(join(result.path, 'small', `${i}`))).toEqual(content.subarray(i, i * 100))
  }
  expect(await readdir(join(result.path, 'small/empty'))).toEqual([])
  expect((await readdir(out)).filter((name) => name.startsWith('.shoal-'))).toEqual([])
  return result
}

describe.each(FORMS)('%s', (_form, isPublic) => {
  test('an interrupted fetch goes on with what it had, and fetches nothing of it again', async () => {
    const interrupted = await interrupt(isPublic)
    const { bytes, bytesFetched, bytesReused } = await resume(interrupted)
    expect(bytesReused).toBeGreaterThan(0)
    // Besides: what pads the last block, and the plan, which is read again.
    expect(bytesFetched).toBeLessThan(bytes - bytesReused + 1_200_000)
  })

  test('what was damaged meanwhile is noticed and fetched again', async () => {
    const interrupted = await interrupt(isPublic)
    const file = join(interrupted.staging, 'content/large')
    const damaged = await readFile(file)
    damaged[10] = (damaged[10] as number) ^ 1
    await writeFile(file, damaged)
    await resume(interrupted)
  })

  test('what was cut short or removed meanwhile is fetched again', async () => {
    const interrupted = await interrupt(isPublic)
    await truncate(join(interrupted.staging, 'content/large'), 5)
    await rm(join(interrupted.staging, 'content/small'), { recursive: true })
    expect((await resume(interrupted)).bytesReused).toBeLessThan(BYTES / 2)
  })
})

test('a fetch whose process is killed again and again goes on each time and ends whole', async () => {
  const alice = await startNode()
  const work = await temporaryFolder()
  const content = randomBytes(BYTES)
  await writeFile(join(work, 'large'), content)
  const { link } = await alice.share(join(work, 'large'))
  const out = join(work, 'out')
  const run = (killAt: number): Promise<string> => {
    const args = ['fetch', '-', '-o', out, '--json', '--home', join(work, 'home'), '--network', 'private']
    const child = spawn(process.execPath, [SHOAL, ...args, '--listen', '/ip4/127.0.0.1/tcp/0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SHOAL_LINK: link },
    })
    let last = ''
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = line
      const event = JSON.parse(line) as { type: string; bytes: number }
      if (event.type === 'progress' && event.bytes > killAt) child.kill('SIGKILL')
    })
    return once(child, 'close').then(() => last)
  }
  for (const part of [0.05, 0.3, 0.6]) {
    expect(JSON.parse(await run(part * BYTES))).toMatchObject({ type: 'progress' })
    // Nothing stands under the final name before it is whole.
    expect((await readdir(out)).every((name) => name.startsWith('.shoal-'))).toBe(true)
  }
  const done = JSON.parse(await run(Number.POSITIVE_INFINITY)) as Record<string, number | string>
  expect(done).toMatchObject({ type: 'done', bytes: BYTES })
  expect(done['bytesReused']).toBeGreaterThan(0.5 * BYTES)
  expect(Buffer.compare(await readFile(String(done['path'])), content)).toBe(0)
  expect(await readdir(out)).toEqual(['large'])
})

test('a fetch that got nothing leaves nothing', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const work = await temporaryFolder()
  await writeFile(join(work, 'a'), randomBytes(100))
  const { link } = await alice.share(join(work, 'a'))
  await writeFile(join(work, 'a'), randomBytes(100))
  await expect(bob.fetch(link, { directory: join(work, 'out') })).rejects.toMatchObject({
    code: 'ERR_CONTENT_GONE',
  })
  expect(await readdir(join(work, 'out'))).toEqual([])
})

test('the same fetch at the same time into the same place is refused, and the first one ends well', async () => {
  const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
  const work = await temporaryFolder()
  await writeFile(join(work, 'a'), randomBytes(BYTES))
  const { link } = await alice.share(join(work, 'a'))
  const directory = join(work, 'out')
  let second: Promise<unknown> | undefined
  const first = bob.fetch(link, {
    directory,
    onEvent: (event) => {
      if (event.type !== 'progress' || second !== undefined) return
      second = carol.fetch(link, { directory })
      // It may be refused while the first one still runs.
      second.catch(() => {})
    },
  })
  await expect(first).resolves.toMatchObject({ bytes: BYTES })
  await expect(second).rejects.toMatchObject({ code: 'ERR_DESTINATION_EXISTS' })
  expect(await readdir(directory)).toEqual(['a'])
})
