import { expect, test } from 'vitest'
import { CandidateQueue } from '../../../src/network/dht/candidate-queue.ts'
import { WIDE_LIMITS } from '../../../src/network/dht/limits.ts'
import type { Candidate } from '../../../src/network/provider-source.ts'

const candidate = (peerId: string, address = peerId): Candidate => ({ peerId, addresses: [address] })

function taken(queue: CandidateQueue): string[] {
  const all: string[] = []
  for (let next = queue.take(); next !== undefined; next = queue.take()) all.push(next.addresses[0] as string)
  return all
}

test('subnets take turns, and one that names many has the rest taken only when nothing more comes', () => {
  const queue = new CandidateQueue()
  for (let i = 0; i < 20; i++) queue.put(candidate(`liar ${i}`), 'a')
  queue.put(candidate('honest'), 'b')
  expect(taken(queue)).toEqual(['liar 0', 'honest', 'liar 1'])
  queue.put(candidate('late'), 'c')
  expect(taken(queue)).toEqual(['late'])
  queue.settle()
  expect(taken(queue)).toEqual(Array.from({ length: 18 }, (_, i) => `liar ${i + 2}`))
})

test('candidates of the wide search are bounded, and the own search is not kept out', () => {
  const queue = new CandidateQueue()
  for (let i = 0; i < 200; i++) queue.put(candidate(`liar ${i}`), `subnet ${i}`)
  for (let i = 0; i < 30; i++) queue.put(candidate(`own ${i}`))
  const early = taken(queue)
  expect(early.filter((name) => name.startsWith('liar'))).toHaveLength(WIDE_LIMITS.maxCandidates)
  expect(early.filter((name) => name.startsWith('own'))).toHaveLength(WIDE_LIMITS.maxEarlyOwn)
  queue.settle()
  expect(taken(queue)).toHaveLength(30 - WIDE_LIMITS.maxEarlyOwn)
})

test('a false address of a peer does not hide the true one, and the same is told once', () => {
  const queue = new CandidateQueue()
  queue.put(candidate('alice', 'false'), 'a')
  queue.put(candidate('alice', 'true'), 'b')
  queue.put(candidate('alice', 'true'), 'c')
  queue.put(candidate('alice', 'true'))
  expect(taken(queue)).toEqual(['false', 'true'])
  for (let i = 0; i < 10; i++) queue.put(candidate('alice', `more ${i}`), `d ${i}`)
  expect(taken(queue)).toHaveLength(WIDE_LIMITS.maxVersions - 2)
})
