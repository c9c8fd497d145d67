/** What two nodes log with everything turned on: what happened, and no secret in any form. */
import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeOptions } from '@shoal/node'
import { ControlClient, homePaths } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { askSocket } from '../helpers/metrics.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'
import { SecretScan, secretsOf } from '../helpers/secrets.ts'

const BAD_LINK: unknown = expect.stringMatching(/^ERR_LINK_/)

type Line = Readonly<Record<string, unknown>>

const NETWORK_KEY = randomBytes(32)

function logInto(lines: string[], level: 'info' | 'debug' = 'debug'): Pick<NodeOptions, 'log'> {
  return { log: { level, write: (line) => void lines.push(line) } }
}

const tokenOf = async (home: string): Promise<string> =>
  (await readFile(homePaths(home, process.env).tokenFile, 'utf8')).trim()

/** The same link with another key, whose checksum fits what it says. */
function otherKey(link: string, other: string): string {
  return `${link.split('#')[0]}#${other.split('#')[1]}`
}

test(
  'sharing, fetching, listing, reading and all that fails leave no secret in the log',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder()
    const homes = { alice: join(folder, 'alice'), bob: join(folder, 'bob') }
    const source = join(folder, 'film.bin')
    await writeFile(source, randomBytes(3_000_000))
    await writeFile(join(folder, 'other.bin'), randomBytes(1_000))
    const lines: string[] = []
    const common = { networkKey: NETWORK_KEY, ...logInto(lines) }
    const alice = await startNode({ home: homes.alice, ...common })
    const share = await alice.share(source)
    const other = await alice.share(join(folder, 'other.bin'))
    const shared = await alice.share(source, { public: true })
    const bob = await startNode({ home: homes.bob, apiTcp: true, ...common })
    const into = { directory: join(folder, 'out') }
    await bob.fetch(share.link, into)
    await bob.fetch(shared.link, { directory: join(folder, 'public') })
    let read = 0
    for await (const { bytes } of bob.list(share.link)) expect(bytes).toBe(3_000_000)
    for await (const { byteLength } of bob.read(share.link)) read += byteLength
    expect(read).toBe(3_000_000)
    await bob.verify(join(folder, 'out', 'film.bin'), share.link)

    // What fails.
    const wrong = otherKey(share.link, other.link)
    await expect(bob.fetch(wrong, into)).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' })
    const mistyped = share.link.replace(/#(.)(.)/, '#$2$1')
    await expect(bob.fetch(mistyped, into)).rejects.toMatchObject({ code: BAD_LINK })
    await expect(bob.fetch(`${share.link}%zz`, into)).rejects.toMatchObject({ code: BAD_LINK })
    await expect(bob.read(`x${share.link}`).next()).rejects.toMatchObject({ code: BAD_LINK })
    await writeFile(join(folder, 'out', 'film.bin'), 'something else')
    await expect(bob.fetch(share.link, into)).rejects.toMatchObject({ code: 'ERR_DESTINATION_EXISTS' })
    await expect(bob.verify(join(folder, 'out', 'film.bin'), share.link)).rejects.toMatchObject({
      code: 'ERR_VERIFY_FAILED',
    })
    await rm(source)
    await expect(bob.fetch(share.link, { directory: folder, waitMs: 1_000 })).rejects.toMatchObject({
      code: 'ERR_CONTENT_GONE',
    })

    // Requests with secrets where they do not belong.
    const token = await tokenOf(homes.bob)
    const fragment = share.link.split('#')[1] ?? ''
    await askSocket(homes.bob, `/v1/status?token=${token}`, { host: 'localhost' })
    await askSocket(homes.bob, `/v1/${token}/${fragment}`)
    await askSocket(homes.bob, `/v1/fetches/${fragment.slice(0, 60)}`)
    await askSocket(homes.bob, '/v1/status', { host: 'localhost', cookie: token, 'x-token': token })
    await askSocket(homes.bob, '/v1/status', { host: token, authorization: `Basic ${token}` })
    const client = (await ControlClient.connect(homePaths(homes.bob, process.env))) as ControlClient
    const asked = client.fetch({ link: mistyped, directory: folder }, new AbortController().signal)
    await expect(asked.next()).rejects.toMatchObject({ code: BAD_LINK })
    const tokens = { alice: await tokenOf(homes.alice), bob: token }
    await bob.stop()
    await alice.stop()

    // All of it was logged, and by each part that had to do with it.
    const said = lines.map((line) => JSON.parse(line) as Line)
    const modules = new Set(said.map(({ module }) => module))
    for (const module of ['node', 'network', 'dht', 'transfer', 'share', 'fetch', 'control', 'libp2p']) {
      expect([...modules]).toContain(module)
    }
    expect(said).toContainEqual(
      expect.objectContaining({ module: 'fetch', msg: 'fetch done', root: share.root }),
    )
    expect(said).toContainEqual(expect.objectContaining({ msg: 'fetch failed', code: 'ERR_WRONG_KEY' }))
    expect(said).toContainEqual(expect.objectContaining({ msg: 'session opened', peer: alice.peerId }))
    expect(said).toContainEqual(expect.objectContaining({ msg: 'session ended', why: 'done' }))
    expect(said).toContainEqual(
      expect.objectContaining({ msg: 'share ended', root: share.root, how: 'stopped' }),
    )
    expect(said).toContainEqual(expect.objectContaining({ msg: 'request refused', status: 401 }))
    expect(said.findLast(({ module }) => module === 'node')).toMatchObject({ msg: 'stopped' })

    const secrets = new SecretScan({
      ...Object.fromEntries(
        [share.link, other.link, mistyped, shared.link].flatMap((link, i) =>
          secretsOf(link).map((secret, j) => [`link ${i}.${j}`, secret]),
        ),
      ),
      'token of alice': tokens.alice,
      'token of bob': tokens.bob,
      'network key': NETWORK_KEY.toString('base64url'),
      'network key in hexadecimal': NETWORK_KEY.toString('hex'),
    })
    const leaks = lines.filter((line) => secrets.find(line).length > 0)
    expect(leaks).toEqual([])
    // The same scan finds each of them where it stands in a line.
    for (const secret of [fragment, token, NETWORK_KEY.toString('hex')]) {
      expect(secrets.find(`${lines[0]}${Buffer.from(secret).toString('base64')}`)).not.toEqual([])
      expect(secrets.find(`${lines[0]}${secret}`)).not.toEqual([])
    }
  },
)

test('at info a node says when it started, what it did, and that it ended', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'a.txt'), 'a')
  const lines: string[] = []
  const node = await startNode({ home: join(folder, 'home'), ...logInto(lines, 'info') })
  const share = await node.share(join(folder, 'a.txt'))
  await share.stop()
  await node.stop()
  const said = lines.map((line) => JSON.parse(line) as Line)
  expect(said.map(({ module, msg }) => `${String(module)}: ${String(msg)}`)).toEqual([
    'network: listening',
    'node: started',
    'share: share done',
    'share: share ended',
    'node: stopping',
    'node: stopped',
  ])
  expect(said[1]).toMatchObject({ level: 'info', peerId: node.peerId, network: 'private' })
})
