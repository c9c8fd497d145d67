import { execFile } from 'node:child_process'
import { generateKeyPairSync, sign, verify, createPublicKey } from 'node:crypto'
import { chmod, link, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { beforeEach, expect, test } from 'vitest'
import { IDENTITY_FILE, loadIdentity } from '../../src/identity/identity.ts'
import { temporaryFolder } from '../helpers/files.ts'

const run = promisify(execFile)
const MODULE = new URL('../../src/identity/identity.ts', import.meta.url).href
const onPosix = process.platform !== 'win32'

let parent: string
let home: string
let file: string

beforeEach(async () => {
  parent = await temporaryFolder()
  home = join(parent, 'deep', 'home')
  file = join(home, IDENTITY_FILE)
})

const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
const invalidHome = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'ERR_HOME_INVALID', message: expect.stringMatching(message) })

test('the first start makes a home and a key that later starts find again', async () => {
  const first = await loadIdentity(home)
  const second = await loadIdentity(home)
  expect(second).toEqual(first)
  expect(await readdir(home)).toEqual([IDENTITY_FILE])
  expect(await readFile(file, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
})

test.runIf(onPosix)('only the user may read the home and the key, whatever the umask', async () => {
  const before = process.umask(0)
  try {
    await loadIdentity(home)
  } finally {
    process.umask(before)
  }
  expect(await mode(home)).toBe(0o700)
  expect(await mode(file)).toBe(0o600)
})

test('libp2p reads the key, gives the same peer id, and its signatures are those of the file', async () => {
  const identity = await loadIdentity(home)
  expect(identity.publicKey).toHaveLength(32)
  expect(identity.privateKey).toHaveLength(64)
  const key = privateKeyFromRaw(identity.privateKey)
  expect(peerIdFromPrivateKey(key).toString()).toBe(identity.peerId)
  const message = Buffer.from('signed by libp2p')
  expect(verify(null, message, createPublicKey(await readFile(file)), await key.sign(message))).toBe(true)
  const fromFile = sign(null, message, await readFile(file))
  expect(await key.publicKey.verify(message, fromFile)).toBe(true)
})

test('starts at the same moment agree on one key', async () => {
  const here = await Promise.all(Array.from({ length: 50 }, () => loadIdentity(home)))
  expect(new Set(here.map((it) => it.peerId)).size).toBe(1)
  expect(await readdir(home)).toEqual([IDENTITY_FILE])
})

test('processes started at the same moment agree on one key', async () => {
  const script = `const { loadIdentity } = await import(process.argv[1])
    console.log((await loadIdentity(process.argv[2])).peerId)`
  const args = ['--input-type=module', '-e', script, MODULE, home]
  const printed = await Promise.all(Array.from({ length: 8 }, () => run(process.execPath, args)))
  expect(new Set(printed.map((it) => it.stdout.trim()))).toEqual(new Set([(await loadIdentity(home)).peerId]))
  expect(await readdir(home)).toEqual([IDENTITY_FILE])
})

test('loading an identity loads no libp2p', async () => {
  const script = `await (await import(process.argv[1])).loadIdentity(process.argv[2])
    console.log(JSON.stringify([...globalThis.loadedUrls]))`
  const hook = `import { registerHooks } from 'node:module'
    globalThis.loadedUrls = new Set()
    registerHooks({ load(url, context, next) { globalThis.loadedUrls.add(url); return next(url, context) } })`
  const preload = `data:text/javascript,${encodeURIComponent(hook)}`
  const args = ['--import', preload, '--input-type=module', '-e', script, MODULE, home]
  const loaded = JSON.parse((await run(process.execPath, args)).stdout) as string[]
  expect(loaded).toContain(MODULE)
  expect(loaded.filter((url) => /libp2p|multiaddr/.test(url))).toEqual([])
})

test.runIf(onPosix)('a key that others may read is refused with the command that mends it', async () => {
  await loadIdentity(home)
  for (const wrong of [0o640, 0o604, 0o660, 0o606, 0o601]) {
    await chmod(file, wrong)
    const refused = expect.objectContaining({ code: 'ERR_HOME_INVALID', hint: `Run: chmod 600 '${file}'` })
    await expect(loadIdentity(home)).rejects.toEqual(refused)
  }
  await chmod(file, 0o400)
  await loadIdentity(home)
})

test.runIf(onPosix)('a home that everybody may write to is refused', async () => {
  await loadIdentity(home)
  await chmod(home, 0o777)
  await expect(loadIdentity(home)).rejects.toEqual(invalidHome(/every user/))
  expect(await mode(home)).toBe(0o777)
})

const pem = (type: 'x25519' | 'ec'): string => {
  const { privateKey } =
    type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('x25519')
  return privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
}

test.each([
  ['empty', ''],
  ['cut short', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI'],
  ['text', 'hello'],
  ['binary', '\0\0\0\0'],
  ['large', 'x'.repeat(100_000)],
  ['the key of another curve', pem('ec')],
  ['a key for encryption', pem('x25519')],
])('a key file that is %s is refused by name and left as it is', async (_, content) => {
  await mkdir(home, { recursive: true })
  await writeFile(file, content, { mode: 0o600 })
  await expect(loadIdentity(home)).rejects.toEqual(invalidHome(/identity\.key is damaged/))
  expect(await readFile(file, 'utf8')).toBe(content)
})

test.runIf(onPosix)(
  'neither a symbolic link, nor a pipe, nor a folder is taken for the key file',
  async () => {
    const other = join(parent, 'other')
    await loadIdentity(other)
    await mkdir(home, { recursive: true })
    await symlink(join(other, IDENTITY_FILE), file)
    await expect(loadIdentity(home)).rejects.toEqual(invalidHome(/damaged/))
    await rm(file)
    await run('mkfifo', ['-m', '600', file])
    await expect(loadIdentity(home)).rejects.toEqual(invalidHome(/damaged/))
    await rm(file)
    await mkdir(file, { mode: 0o700 })
    await expect(loadIdentity(home)).rejects.toEqual(invalidHome(/damaged/))
  },
)

test('a file in place of the home or of a folder above it is refused', async () => {
  const plain = join(parent, 'plain')
  await writeFile(plain, '')
  await expect(loadIdentity(plain)).rejects.toEqual(invalidHome(/not a folder/))
  await expect(loadIdentity(join(plain, 'home'))).rejects.toEqual(invalidHome(/not a folder/))
})

test('what a start that was killed left behind does no harm', async () => {
  const { peerId } = await loadIdentity(home)
  await link(file, join(home, '.identity.key.000000000000000000000000'))
  expect((await loadIdentity(home)).peerId).toBe(peerId)
})

test('what a start left that died while it made a key is removed', async () => {
  const { peerId } = await loadIdentity(home)
  await writeFile(join(home, `.${IDENTITY_FILE}.0123456789abcdef01234567`), 'a key')
  await writeFile(join(home, `.${IDENTITY_FILE}.mine`), 'not made here')
  expect((await loadIdentity(home)).peerId).toBe(peerId)
  expect((await readdir(home)).sort()).toEqual([`.${IDENTITY_FILE}.mine`, IDENTITY_FILE])
})
