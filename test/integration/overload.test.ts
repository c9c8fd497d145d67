/** A node whose event loop is kept by something else, in a process of its own. Needs `tsc -b`. */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ControlClient, homePaths, type StatusEvent } from '@shoal/node/control'
import { expect, onTestFinished, test } from 'vitest'
import { connect, isTaken, stock } from '../helpers/hosts.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const PROGRAM = fileURLToPath(new URL('./busy-program.ts', import.meta.url))
const BYTES = 2_500_000
/** Slow enough to be under way when the loop is kept. */
const DOWN = 500_000

test('a node that cannot keep up turns a stranger away, ends what runs, and takes strangers again', async () => {
  const work = await temporaryFolder()
  const [home, file] = [join(work, 'home'), join(work, 'sea.bin')]
  await writeFile(file, randomBytes(BYTES))
  const child = fork(PROGRAM, [home, file], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [{ link, address }] = (await once(child, 'message')) as [{ link: string; address: string }]
  const client = await ControlClient.connect(homePaths(home, {}))
  if (client === undefined) throw new Error('it does not answer')
  const until = async (isTrue: (loop: StatusEvent['loop']) => boolean): Promise<void> => {
    while (!isTrue((await client.status()).loop));
  }
  expect((await client.status()).loop).toMatchObject({ shedding: false, shed: 0 })

  const node = await startNode({ down: DOWN })
  const begun = Promise.withResolvers<void>()
  const fetched = node.fetch(link, {
    directory: join(work, 'in'),
    onEvent: (event) => {
      if (event.type === 'progress' && event.bytes > 0) begun.resolve()
    },
  })
  await Promise.race([begun.promise, fetched])
  child.send('busy')
  await until(({ shedding }) => shedding)

  const stranger = await stock()
  expect(await isTaken(stranger, address)).toBe(false)
  const { path } = await fetched
  expect((await readFile(path)).equals(await readFile(file))).toBe(true)
  const { loop } = await client.status()
  expect(loop.shedding).toBe(true)
  expect(loop.shed).toBeGreaterThan(0)
  expect(loop.delayMs).toBeGreaterThan(200)
  const codes: string[] = []
  for await (const event of client.shares()) if (event.type === 'warning') codes.push(event.code)
  expect(codes).toContain('WARN_OVERLOADED')

  child.send('free')
  await until(({ shedding }) => !shedding)
  await connect(stranger, address)
})
