/** Every lie of lies.ts and lies-of-either-side.ts against real nodes, told by a peer that asks and by one that answers. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode, type FetchOptions, type ShoalNode } from '@shoal/node'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { LOOPBACK_FLAGS, SHOAL, Watched } from '../bench/processes.ts'
import { LOOPBACK } from '../helpers/nodes.ts'
import { contentOf, fetchAll } from './hostile-content.ts'
import {
  frame,
  startHostilePeer,
  type Content,
  type HostilePeer,
  type Lie,
  type Talk,
} from './hostile-peer.ts'
import { EITHER_SIDE } from './lies-of-either-side.ts'
import { ANSWERING, ASKING, FLOODS, SLOW } from './lies.ts'

const BYTES = 5_000_000
/** How long a node may take to end what breaks the protocol. */
const ENDS_MS = 20_000
/** How long a fetch that an honest peer could serve at once may take beside one that stalls. */
const HELD_UP_MS = 10_000
/** Of a private link, after the #. */
const KEY_CHARACTERS = 48
/** Errors that say what a lying peer did to a fetch. */
const CLEAR = ['ERR_NO_PROVIDER', 'ERR_PROTOCOL', 'ERR_CONTENT_GONE', 'ERR_CONTENT_INVALID']
/** The mark of the project for either side of a transfer. */
const MAX_PEAK_MIB = 300

let folder: string
let bytes: Buffer
let share: Watched
let address: string
let link: string
let content: Content
/** Know no honest peer; each is used by one test at a time. */
const bobs: ShoalNode[] = []
const free: ShoalNode[] = []
let carol: ShoalNode

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-test-'))
  bytes = randomBytes(BYTES)
  await writeFile(join(folder, 'film'), bytes)
  const home = join(folder, 'home')
  share = new Watched(SHOAL, ['share', join(folder, 'film'), '--json', '--home', home, ...LOOPBACK_FLAGS])
  const ready = await share.event('ready')
  link = String(ready['link'])
  address = (ready['addresses'] as string[])[0] as string
  content = await honest(String(ready['root']))
  carol = await createNode({ ...LOOPBACK, home: join(folder, 'carol'), workerThreads: 2 })
})

afterAll(async () => {
  await share.stop()
  for (const bob of bobs) await bob.stop()
  await carol.stop()
  await rm(folder, { recursive: true })
})

/** @param over what says that the test is over, where others run at the same time */
async function hostile(lie: Lie = {}, over: typeof onTestFinished = onTestFinished): Promise<HostilePeer> {
  const peer = await startHostilePeer(content, lie)
  over(peer.stop)
  return peer
}

async function newBob(): Promise<ShoalNode> {
  const home = await mkdtemp(join(folder, 'bob-'))
  const bob = await createNode({ ...LOOPBACK, home, workerThreads: 2 })
  bobs.push(bob)
  return bob
}

/** What an honest stranger gets of the share. */
async function honest(root: string): Promise<Content> {
  const peer = await startHostilePeer(contentOf(root))
  const talk = await peer.dial(address, contentOf(root))
  const all = await fetchAll(talk)
  await peer.stop()
  return all
}

async function within<T>(ms: number, what: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(otherwise), ms)))
  return Promise.race([what, late]).finally(() => clearTimeout(timer))
}

/** Asks for the root once the lie was told. */
async function outcome(lie: Lie): Promise<string> {
  const peer = await hostile()
  const { root } = content
  const opened = async (talk: Talk): Promise<void> => {
    await lie.opened?.(talk)
    await talk.send(frame({ t: 'get', c: [root] }))
  }
  const talk = await peer.dial(address, { root, nodes: new Map(), blocks: [] }, { ...lie, opened })
  const answered = talk.answer((message) => message.t === 'cid' && root.equals(message['c']))
  const goesOn = answered.then(
    () => 'goes on',
    () => 'ends',
  )
  return within(ENDS_MS, Promise.race([talk.ended.then(() => 'ends'), goesOn]), 'hangs')
}

describe('a peer that asks', () => {
  test.each([...EITHER_SIDE, ...ASKING])('%s: the session %s', async (_name, expected, lie) => {
    expect(expected).toContain(await outcome(lie))
  })

  test('after all that the share serves an honest stranger, in bounded memory', async () => {
    const all = await honest(String(content.root))
    expect(all.blocks).toEqual(content.blocks)
    console.log(JSON.stringify({ share: share.cost }))
    expect(share.cost.peakMiB).toBeLessThan(MAX_PEAK_MIB)
  })
})

/** What became of a fetch, and whether all of it is right and nothing else there. */
async function fetched(node: ShoalNode, options: FetchOptions): Promise<string> {
  const work = await mkdtemp(join(folder, 'out-'))
  const directory = join(work, 'out')
  // Without the addresses in the link, which are those of the honest share.
  const bare = link.slice(0, link.indexOf('#') + 1 + KEY_CHARACTERS)
  const ended = await node.fetch(bare, { ...options, directory }).then(
    () => 'goes on',
    (error: { code?: string }) => String(error.code),
  )
  if (ended === 'goes on') expect((await readFile(join(directory, 'film'))).equals(bytes)).toBe(true)
  else expect(await readdir(work, { recursive: true })).not.toContain('film')
  await rm(work, { recursive: true })
  return CLEAR.includes(ended) ? 'ends' : ended
}

describe('a peer that answers', () => {
  const rows = [...EITHER_SIDE, ...ANSWERING]
  // Nearly all of each is the second that whoever may still be coming is given.
  test.concurrent.for(rows)(
    '%s: the session %s',
    async ([_name, expected, lie], { onTestFinished: over }) => {
      const liar = await hostile(lie, over)
      const bob = free.pop() ?? (await newBob())
      over(() => void free.push(bob))
      const alone = await fetched(bob, {
        peers: [liar.address],
        waitMs: expected === 'goes on' ? ENDS_MS : 300,
      })
      expect(expected).toContain(alone)
    },
  )
})

describe('beside an honest peer', () => {
  test.each(ANSWERING)('%s: the fetch has all', async (_name, _outcome, lie) => {
    const liar = await hostile(lie)
    expect(await fetched(carol, { peers: [liar.address, address] })).toBe('goes on')
  })

  test.each(SLOW)('a peer that %s holds nothing up', async (_name, lie) => {
    const liar = await hostile(lie)
    const started = performance.now()
    expect(await fetched(carol, { peers: [liar.address, address] })).toBe('goes on')
    expect(performance.now() - started).toBeLessThan(HELD_UP_MS)
  })
})

test('a fetch that is flooded keeps its memory in bounds and has all', async () => {
  const liars = await Promise.all(FLOODS.map((lie) => hostile(lie)))
  const peers = [...liars.map((liar) => liar.address), address].flatMap((each) => ['--peer', each])
  const out = join(folder, 'flooded')
  const args = ['fetch', '-', '-o', out, ...peers, '--json', '--home', `${out}-home`, ...LOOPBACK_FLAGS]
  const fetching = new Watched(SHOAL, args, { SHOAL_LINK: link })
  await fetching.exited
  const asked = liars.filter(({ talks }) => talks.length > 0).length
  console.log(JSON.stringify({ flooded: fetching.cost, liars: liars.length, asked }))
  expect((await readFile(join(out, 'film'))).equals(bytes)).toBe(true)
  expect(fetching.cost.peakMiB).toBeLessThan(MAX_PEAK_MIB)
})
