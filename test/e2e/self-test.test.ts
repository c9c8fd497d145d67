/** A runtime that computes wrong digests, as the threads that work on content find it. Needs `tsc -b`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run } from '../helpers/shoal.ts'

const BROKEN = `
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'
if (!isMainThread) {
  const { hash } = crypto
  crypto.hash = (name, data, form) => (data === 'abc' ? 'wrong' : hash(name, data, form))
  syncBuiltinESMExports()
}`
const env = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(BROKEN)}` }

test('is told as such, and not as a fault in Shoal, by who shares and by who fetches', async () => {
  const work = await temporaryFolder()
  const file = join(work, 'talk.txt')
  await writeFile(file, 'content')
  const share = new Shoal(['share', file, ...(await own()), '--json'], { env })
  expect(await share.ended).toBe(1)
  expect(share.events().at(-1)).toMatchObject({
    type: 'error',
    code: 'ERR_CRYPTO_SELF_TEST',
    message: 'sha2-256 gives wrong answers on this runtime',
    hint: 'This runtime computes wrong digests or ciphertext. Use another build of Node.',
  })

  const good = new Shoal(['share', file, ...(await own()), '--json'])
  const { link } = await good.event('ready')
  const fetch = new Shoal(['fetch', String(link), '-o', join(work, 'b'), ...(await own()), '--json'], { env })
  expect(await fetch.ended).toBe(1)
  expect(fetch.events().at(-1)).toMatchObject({ type: 'error', code: 'ERR_CRYPTO_SELF_TEST' })
  expect((await run('fetch', String(link), '-o', join(work, 'b'), ...(await own()))).status).toBe(0)
})
