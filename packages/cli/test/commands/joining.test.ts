/** `shoal space approve` where somebody is there to be asked, and `join` where the link is none. */
import type { SpaceHandle, SpaceRequest, Spaces } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { approveJob, joinJob } from '../../src/commands/space/joining.ts'
import type { Context } from '../../src/context.ts'
import { Interrupted } from '../../src/failure.ts'
import { fakeOutput, type FakeOutput } from '../support.ts'

const REQUEST: SpaceRequest = {
  id: '0123456789abcdef',
  name: "Ben's laptop",
  role: 'write',
  code: '418 902',
  askedMs: 1_700_000_000_000,
  invite: '12'.repeat(32),
}
const TASK = { action: 'approve', space: 'studio', request: undefined, refuse: false } as const

interface Asked {
  readonly did: string[]
  readonly output: FakeOutput
  readonly isListening: () => boolean
  readonly run: Promise<void>
}

/** @param press what is pressed once the question is put; undefined: nobody can press anything */
function ask(
  press: string | undefined,
  waiting: readonly SpaceRequest[],
  stop = new AbortController(),
): Asked {
  const did: string[] = []
  let isListening = false
  const output = fakeOutput('terminal', { isShared: true })
  const space = {
    id: '3f9c'.repeat(16),
    name: 'studio',
    requests: async () => waiting,
    approve: async (id: string) => void did.push(`approve ${id}`),
    refuse: async (id: string) => {
      did.push(`refuse ${id}`)
      return { refused: 3, isSuspect: true }
    },
  } as unknown as SpaceHandle
  const keys = (onKey: (key: string) => void): (() => void) => {
    isListening = true
    queueMicrotask(() => (press === 'Ctrl-C' ? stop.abort() : onKey(press ?? '')))
    return () => (isListening = false)
  }
  const context = { output, stop: stop.signal, keys: press === undefined ? undefined : keys }
  const spaces = { open: async () => space } as unknown as Spaces
  const run = approveJob(TASK, context as unknown as Context).work(spaces)
  return { did, output, isListening: () => isListening, run }
}

test.each([
  ['y', ['approve 0123456789abcdef'], 'is let into studio as Editor'],
  ['n', ['refuse 0123456789abcdef'], 'is not let into studio'],
  ['q', [], 'y lets it in'],
])('one device that asks is decided by a key: %s', async (key, expected, said) => {
  const { did, output, isListening, run } = ask(key, [REQUEST])
  await run
  expect(did).toEqual(expected)
  expect(output.screen.text.replaceAll(/\n */g, ' ')).toContain(said)
  expect(output.screen.text).toContain('418 902')
  expect(isListening()).toBe(false)
  // After too many, how to end the invitation is said too.
  expect(output.screen.text.includes('shoal space revoke studio 121212121212')).toBe(key === 'n')
})

test('Ctrl-C decides nothing and gives the terminal back', async () => {
  const { did, isListening, run } = ask('Ctrl-C', [REQUEST])
  await expect(run).rejects.toBeInstanceOf(Interrupted)
  expect([did, isListening()]).toEqual([[], false])
})

test('nobody is asked of several, of none, or where no key can be pressed', async () => {
  for (const [press, waiting] of [
    ['y', [REQUEST, { ...REQUEST, id: 'fedcba9876543210' }]],
    ['y', []],
    [undefined, [REQUEST]],
  ] as const) {
    const { did, isListening, run } = ask(press, waiting)
    // oxlint-disable-next-line no-await-in-loop -- One after the other.
    await run
    expect([did, isListening()]).toEqual([[], false])
  }
})

test('a link that is none needs no node to say so', async () => {
  const task = { action: 'join', name: undefined, waitMs: undefined } as const
  const context = { env: {}, stop: new AbortController().signal, output: fakeOutput('plain') }
  for (const link of ['shoal://join/x', 'bafyreiacaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcai'])
    // oxlint-disable-next-line no-await-in-loop -- One after the other.
    await expect(joinJob({ ...task, link }, context as unknown as Context)).rejects.toMatchObject({
      code: 'ERR_LINK_MALFORMED',
    })
})
