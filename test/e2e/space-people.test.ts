/** `shoal space` in spaces of two devices; they are let in by the library, and joining is tested in space-join.test.ts. Needs `tsc -b`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShoalNode } from '@shoal/node'
import { expect, test } from 'vitest'
import { letIn } from '../../packages/node/test/helpers/space-hosts.ts'
import type { RunningSpaces } from '../../packages/node/src/running-spaces.ts'
import type { SpaceHost } from '../../packages/node/src/spaces/host/space-host.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'
import { own, run, type Json } from '../helpers/shoal.ts'
import { endWithTest } from '../helpers/background.ts'

const hostOf = ({ spaces }: ShoalNode): SpaceHost => (spaces as RunningSpaces).service.host

test('members get roles, are put out and leave; who has no right is told so with exit 8', async () => {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  const talk = join(folder, 'talk.txt')
  const gone = join(folder, 'gone.txt')
  for (const file of [talk, gone]) await writeFile(file, 'What was said.\n')
  const [ada, ben] = [await startNode({ home }), await startNode()]
  for (const name of ['studio', 'film']) {
    const space = await ada.spaces.create(name)
    await space.add([talk, gone])
    await space.remove('gone.txt')
    await letIn(space.id, hostOf(ada), hostOf(ben))
  }
  await Promise.all([ada.stop(), ben.stop()])
  const flags = await own(home)
  endWithTest(home)
  const json = async (...words: readonly string[]): Promise<Json[]> => {
    const told = await run('space', ...words, '--json', ...flags)
    expect([told.status, told.stderr], told.text).toEqual([0, ''])
    return told.events()
  }

  const [self = {}, other = {}] = (await json('members', 'studio')).toSorted(
    (a, b) => Number(b['self']) - Number(a['self']),
  )
  expect(self).toMatchObject({ role: 'founder', self: true })
  expect(other).toMatchObject({ type: 'member', role: 'write', self: false })
  const member = String(other['id']).slice(0, 8)
  expect(await json('role', 'studio', member, 'read')).toEqual([{ ...other, role: 'read' }])
  const told = await run('space', 'role', 'studio', member.toUpperCase(), 'founder', ...flags)
  expect([told.status, told.text]).toEqual([0, ''])
  expect(told.stderr).toBe(`space studio: ${String(other['id'])} is founder\n`)

  const [ofFilm = {}] = (await json('members', 'film')).filter((each) => each['self'] === false)
  expect(await json('remove', 'film', String(ofFilm['id']))).toEqual([{ ...ofFilm, role: null }])
  expect(await json('members', 'film')).toHaveLength(1)

  expect(await json('leave', 'studio')).toMatchObject([
    { type: 'space', name: 'studio', role: null, members: 1, entries: 1, fault: null },
  ])
  // What is there can be read.
  expect(await json('ls', 'studio')).toMatchObject([{ path: 'talk.txt' }])
  await writeFile(join(folder, 'more.txt'), 'more')
  for (const words of [
    ['add', 'studio', join(folder, 'more.txt')],
    ['mv', 'studio', 'talk.txt', 'said.txt'],
    ['rm', 'studio', 'talk.txt'],
    ['restore', 'studio', 'gone.txt'],
    ['tag', 'studio', 'talk.txt', '--tag', 'x'],
    ['note', 'studio', 'talk.txt', 'x'],
    ['title', 'studio', '/', 'x'],
    ['undo', 'studio'],
    ['role', 'studio', member, 'read'],
    ['remove', 'studio', member],
    ['leave', 'studio'],
    ['invite', 'studio'],
  ]) {
    const refused = await run('space', ...words, '--json', ...flags)
    const last = refused.events().at(-1)
    expect([refused.status, last?.['code']], words.join(' ')).toEqual([8, 'ERR_SPACE_ROLE'])
  }
}, 120_000)
