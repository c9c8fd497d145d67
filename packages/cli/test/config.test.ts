/** `shoal config` where another process has the home for a moment. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { takeHome } from '../../node/src/store/home-lock.ts'
import { config } from '../src/commands/config.ts'
import type { Context } from '../src/context.ts'
import { parse } from '../src/parse.ts'
import { fakeOutput } from './support.ts'

async function set(home: string, onWait: (count: number) => void): Promise<void> {
  let nowMs = 0
  let waits = 0
  const context: Context = {
    env: {},
    stdin: new PassThrough(),
    isPersonPresent: false,
    hidden: undefined,
    output: fakeOutput('plain'),
    keys: undefined,
    clock: {
      monotonic: () => nowMs,
      set: (callback, delayMs) => {
        nowMs += delayMs
        onWait(++waits)
        return setImmediate(callback)
      },
      clear: (handle) => clearImmediate(handle as NodeJS.Immediate),
    },
    stop: new AbortController().signal,
    uptimeSeconds: () => 0,
    onExit: () => {},
  }
  const argv = ['config', 'set', 'up', '5', '--home', home]
  const asked = parse({ argv, env: {}, cwd: '/', columns: 80, version: () => '', onContent: () => {} })
  if (asked.command !== 'config') throw new Error('another command')
  await config(asked, context)
}

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'shoal-cli-'))
  onTestFinished(() => rm(home, { recursive: true }))
  return home
}

test('a home that another process has for a moment is waited for', async () => {
  const home = await temporaryHome()
  const lock = takeHome(home)
  await set(home, (count) => {
    if (count === 3) lock?.release()
  })
  expect(JSON.parse(await readFile(join(home, 'config.json'), 'utf8'))).toEqual({ up: 5 })
})

test('one that is never free is given up, and nothing was written', async () => {
  const home = await temporaryHome()
  const lock = takeHome(home)
  onTestFinished(() => lock?.release())
  let waits = 0
  await expect(set(home, (count) => void (waits = count))).rejects.toMatchObject({ code: 'ERR_HOME_BUSY' })
  expect(waits).toBe(100)
  await expect(readFile(join(home, 'config.json'))).rejects.toThrow('ENOENT')
})
