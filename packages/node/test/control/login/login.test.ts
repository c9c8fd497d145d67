import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { CODE_MS } from '../../../src/control/login/limits.ts'
import { Login } from '../../../src/control/login/login.ts'
import { systemCode } from '../../../src/errors.ts'
import { temporaryFolder } from '../../helpers/files.ts'
import { Simulation } from '../../helpers/simulation.ts'

const PAGE = 'http://127.0.0.1:1'

async function begin() {
  const world = new Simulation(1)
  const home = await temporaryFolder()
  const login = new Login({ seams: world.seams, home, token: 'the-token' })
  login.page = PAGE
  return { world, home, login, file: join(home, 'login.html') }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error
      return false
    },
  )

test('a code leads to the page in the part of an address that is not sent', async () => {
  const { login } = await begin()
  const made = await login.makeCode({})
  expect(made).toMatchObject({ url: `${PAGE}/#code=${made.code}`, file: null })
  expect(await login.redeem(made.code)).toBe('the-token')
  await expect(login.redeem(made.code)).rejects.toMatchObject({ code: 'ERR_NOT_AUTHORISED' })
})

test('a file of its user leads there too, until the code is used', async () => {
  const { login, file } = await begin()
  const made = await login.makeCode({ file: true })
  expect(made.file).toBe(file)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).toContain(`content="0; url=${made.url}"`)
  await login.redeem(made.code)
  expect(await isThere(file)).toBe(false)
})

test('the file goes when the code is over, and when the node stops', async () => {
  const { world, login, file } = await begin()
  await login.makeCode({ file: true })
  await world.pass(CODE_MS)
  await vi.waitFor(async () => expect(await isThere(file)).toBe(false))
  await login.makeCode({ file: true })
  await login.stop()
  expect(await isThere(file)).toBe(false)
})

test('a newer code has the file', async () => {
  const { login, file } = await begin()
  const [old, newer] = [await login.makeCode({ file: true }), await login.makeCode({ file: true })]
  await login.redeem(old.code)
  expect(await readFile(file, 'utf8')).toContain(newer.code)
})

test('what an earlier run left is no longer there, and nothing else is written over', async () => {
  const { login, file, home } = await begin()
  await writeFile(file, 'left')
  login.start()
  await vi.waitFor(async () => expect(await isThere(file)).toBe(false))
  const gone = new Login({ seams: new Simulation(2).seams, home: join(home, 'gone'), token: '' })
  gone.page = PAGE
  await expect(gone.makeCode({ file: true })).rejects.toMatchObject({ code: 'ERR_DISK' })
})

test('without a page there is nothing to log in to', async () => {
  const { login } = await begin()
  login.page = null
  await expect(login.makeCode({})).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
})
