import type { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { walkUnixfs } from '../../../src/content/unixfs/walk.ts'
import { Forge, nest, raw } from '../../helpers/forge.ts'
import { codeOf } from './support.ts'

const thousand = Array.from({ length: 1_000 }, (_, i) => String(i).padStart(4, '0'))
const folderOf = (forge: Forge, child: CID): CID => forge.folder(thousand.map((name) => [name, child]))

const bombs: Record<string, (forge: Forge) => CID> = {
  'a thousand folders, thrice': (forge) => nest(3, raw('a'), (child) => folderOf(forge, child)),
  'a thousand folders, forty times': (forge) => nest(40, raw('a'), (child) => folderOf(forge, child)),
  'empty folders, a thousand times a thousand times two': (forge) =>
    forge.folder([
      ['a', nest(2, forge.folder([]), (child) => folderOf(forge, child))],
      ['b', nest(2, forge.folder([]), (child) => folderOf(forge, child))],
    ]),
  'empty parts of a file, to the sixth power': (forge) =>
    nest(6, raw(''), (child) => forge.file(Array<number>(1_024).fill(0), Array<CID>(1_024).fill(child))),
  'dag-pb leaves, to the sixth power': (forge) =>
    nest(6, forge.file([], []), (child) =>
      forge.file(Array<number>(1_024).fill(0), Array<CID>(1_024).fill(child)),
    ),
  'a file of 2^50 bytes in three nodes': (forge) => {
    let size = 2 ** 20
    return nest(3, raw('a'), (child) => {
      const cid = forge.file(Array<number>(1_024).fill(size), Array<CID>(1_024).fill(child))
      size *= 1_024
      return cid
    })
  },
  'folders below each other': (forge) => nest(66, forge.folder([]), (child) => forge.folder([['d', child]])),
  'folders below each other, found from above first': (forge) => {
    const chain: [string, CID][] = []
    nest(2_000, forge.folder([]), (child) => {
      const folder = forge.folder([['d', child]])
      chain.push([`n${String(chain.length).padStart(5, '0')}`, folder])
      return folder
    })
    return forge.folder(chain)
  },
  'file nodes below each other': (forge) => nest(66, raw('a'), (child) => forge.file([1], [child])),
  'file nodes below each other, found from above first': (forge) => {
    const chain: CID[] = []
    nest(3_000, raw('a'), (child) => {
      chain.push(forge.file([1], [child]))
      return chain.at(-1) as CID
    })
    return forge.file(Array<number>(chain.length).fill(1), chain)
  },
  'paths that grow too long': (forge) =>
    nest(5, raw('a'), (child) => forge.folder([['n'.repeat(250), child]])),
  'a name of 256 bytes': (forge) => forge.folder([['n'.repeat(256), raw('a')]]),
  'more links than a node may have': (forge) =>
    forge.file(Array<number>(8_193).fill(1), Array<CID>(8_193).fill(raw('a'))),
  'a leaf of more than 1 MiB in a file': (forge) => forge.file([1_048_577], [raw('a')]),
  'a leaf of more than 1 MiB in a folder': (forge) => forge.folder([['a', raw('a'), 1_048_577]]),
}

test.each(Object.entries(bombs))('%s is refused in under 100 ms of work and 64 MiB', async (name, make) => {
  const forge = new Forge()
  const root = make(forge)
  let best = Number.POSITIVE_INFINITY
  let memory = Number.POSITIVE_INFINITY
  // The least of three, because other processes share these cores.
  for (let i = 0; i < 3; i++) {
    const { getter } = forge
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    const before = process.cpuUsage()
    expect(await codeOf(walkUnixfs(root, getter))).toBe('ERR_LIMIT')
    const { user, system } = process.cpuUsage(before)
    const after = process.memoryUsage()
    best = Math.min(best, (user + system) / 1_000)
    memory = Math.min(memory, after.heapUsed - heapUsed + after.arrayBuffers - arrayBuffers)
  }
  if (process.env['SHOAL_FIGURES'] !== undefined) console.log(`${best} ms ${memory >> 20} MiB ${name}`)
  expect(best).toBeLessThan(100)
  expect(memory).toBeLessThan(64 * 2 ** 20)
})
