/** Where the node in the background logs to, and how much of it is kept. */
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LogFile } from '../src/daemon/log-file.ts'
import { BACKGROUND, logOf } from '../src/daemon/log.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'shoal-log-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const HOME = '/nowhere'

describe('SHOAL_LOG', () => {
  test.each([
    [undefined, { level: 'info', modules: {} }],
    ['', { level: 'info', modules: {} }],
    ['off', { level: 'off', modules: {} }],
    ['debug', { level: 'debug', modules: {} }],
    ['transfer=debug', { level: 'info', modules: { transfer: 'debug' } }],
    ['warn, gate=info,libp2p=debug', { level: 'warn', modules: { gate: 'info', libp2p: 'debug' } }],
  ])('%s', (SHOAL_LOG, levels) => {
    expect(logOf({ SHOAL_LOG }, HOME).log).toMatchObject(levels)
  })

  test.each([
    'loud',
    'info=debug',
    'transfer',
    'transfer=',
    'transfer=loud',
    'a=info',
    'fetch=info=debug',
    ',',
  ])('%s is refused', (SHOAL_LOG) => {
    expect(() => logOf({ SHOAL_LOG }, HOME)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
  })

  test('what another command started writes into the file, whatever is asked for', async () => {
    const home = await folder()
    logOf({ SHOAL_LOG: 'debug', [BACKGROUND]: '1' }, home).log?.write('a line\n')
    expect(await readFile(join(home, 'log', 'shoal.log'), 'utf8')).toBe('a line\n')
  })
})

describe('the file', () => {
  test("is nobody else's to read, and there only when there is something to say", async () => {
    const home = await folder()
    const log = new LogFile(join(home, 'log', 'shoal.log'))
    expect(await readdir(home)).toEqual([])
    log.write('{"a":1}\n')
    expect((await stat(join(home, 'log'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(home, 'log', 'shoal.log'))).mode & 0o777).toBe(0o600)
  })

  test('goes on where the last one stopped', async () => {
    const path = join(await folder(), 'shoal.log')
    new LogFile(path).write('one\n')
    new LogFile(path).write('two\n')
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n')
  })

  test('has a bounded size, with the one before it, and loses no line between the two', async () => {
    const home = await folder()
    const path = join(home, 'shoal.log')
    const maxBytes = 1_000
    const log = new LogFile(path, maxBytes)
    for (let i = 0; i < 1_000; i++) log.write(`line ${i}\n`)
    expect(await readdir(home)).toEqual(['shoal.1.log', 'shoal.log'])
    const texts = await Promise.all(
      ['shoal.1.log', 'shoal.log'].map((name) => readFile(join(home, name), 'utf8')),
    )
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(maxBytes)
    const kept = texts.join('').trimEnd().split('\n')
    expect(kept.at(-1)).toBe('line 999')
    const first = Number(kept[0]?.slice(5))
    expect(kept).toEqual(Array.from({ length: 1_000 - first }, (_, i) => `line ${first + i}`))
  })
})
