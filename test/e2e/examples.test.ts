/** The programs of examples/, each run as a user would: a process of its own, against the built package by its name. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')

interface Outcome {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs an example in a folder of its own, which becomes the current one. */
async function run(cwd: string, name: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [join(EXAMPLES, name), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes))
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
}

test('share-and-fetch brings a file from one node to another', async () => {
  const cwd = await temporaryFolder()
  const content = randomBytes(3_000_000)
  await writeFile(join(cwd, 'film'), content)
  const { status, stdout, stderr } = await run(cwd, 'share-and-fetch.ts', ['film', 'out'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.toString().split('\n')).toEqual([
    'sharing film: 3000000 bytes',
    'fetching film: found by its link',
    `fetched 3000000 bytes, every one checked: ${join(cwd, 'out/film')}`,
    '',
  ])
  expect(await readFile(join(cwd, 'out/film'))).toEqual(content)
})

test('stream-range writes the bytes of a range, and fetches little more than them', async () => {
  const cwd = await temporaryFolder()
  const content = randomBytes(20_000_000)
  await writeFile(join(cwd, 'film'), content)
  const alice = await startNode()
  const { link } = await alice.share(join(cwd, 'film'))
  const args = [link, '5000000', '7999999']
  const { status, stdout, stderr } = await run(cwd, 'stream-range.ts', args, { NETWORK: 'private' })
  const [told, fetched = ''] = stderr.split('\n')
  expect({ status, told }).toEqual({ status: 0, told: '3000000 of 20000000 bytes, from byte 5000000' })
  expect(Buffer.compare(stdout, content.subarray(5_000_000, 8_000_000))).toBe(0)
  expect(Number(/^(\d+) bytes came over the network$/.exec(fetched)?.[1])).toBeLessThan(8_000_000)
  expect((await readdir(cwd)).toSorted()).toEqual(['film', 'reader'])
})

test('embed shares from a libp2p node that goes on when Shoal stops', async () => {
  const cwd = await temporaryFolder()
  const content = randomBytes(3_000_000)
  await writeFile(join(cwd, 'film'), content)
  const { status, stdout, stderr } = await run(cwd, 'embed.ts', ['film', 'out'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.toString().split('\n')).toEqual([
    'one peer id: true',
    'it speaks Shoal: true',
    'fetched 3000000 bytes from the libp2p node',
    'Shoal has stopped, libp2p is started',
    'it speaks Shoal: false',
    'ping: true',
    '',
  ])
  expect(await readFile(join(cwd, 'out/film'))).toEqual(content)
})
