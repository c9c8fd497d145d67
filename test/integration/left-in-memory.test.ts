/** What an operation that is over leaves in memory. */
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

/** Tables that are bounded fill up, and code that is run often is compiled: it takes so many until nothing grows any more. */
const WARM_UP = 160
const OPERATIONS = 40
/** Of each, on both sides together. A session that is kept has some 270 kB; code that was compiled meanwhile counts too. */
const MOST_BYTES = 50_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('sharing, fetching and listing leave next to nothing', async () => {
  const work = await temporaryFolder()
  const [alice, bob] = [await startNode(), await startNode()]
  const once = async (i: number): Promise<void> => {
    const [file, directory] = [join(work, `file-${i}`), join(work, `in-${i}`)]
    await writeFile(file, randomBytes(20_000))
    const share = await alice.share(file)
    for await (const entry of bob.list(share.link)) expect(entry.bytes).toBe(20_000)
    await bob.fetch(share.link, { directory })
    await share.stop()
    await alice.unshare(share.root)
    await rm(directory, { recursive: true })
    await rm(file)
  }
  const held = (): number => {
    collect()
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  for (let i = 0; i < WARM_UP; i++) await once(i)
  const before = held()
  for (let i = 0; i < OPERATIONS; i++) await once(WARM_UP + i)
  const each = (held() - before) / OPERATIONS
  console.log(JSON.stringify({ figure: 'bytes-left-of-each', value: Math.round(each) }))
  expect(each).toBeLessThan(MOST_BYTES)
})
