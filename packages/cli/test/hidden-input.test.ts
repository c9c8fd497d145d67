import { expect, test } from 'vitest'
import { readHidden } from '../src/hidden-input.ts'

/** A terminal on which a test types, and what was done with it. */
function asked(stop: AbortSignal = new AbortController().signal) {
  const did: string[] = []
  const shown: string[] = []
  const listeners = new Set<(data: Uint8Array | string) => void>()
  const line = readHidden({
    input: {
      setRawMode: (isRaw) => did.push(isRaw ? 'raw' : 'cooked'),
      on: (_name, listener) => listeners.add(listener),
      off: (_name, listener) => listeners.delete(listener),
      resume: () => did.push('resume'),
      pause: () => did.push('pause'),
    },
    write: (text) => shown.push(text),
    prompt: 'Passphrase: ',
    stop,
    interrupt: () => did.push('interrupt'),
  })
  const type = (...parts: (Uint8Array | string)[]): void => {
    for (const part of parts) for (const listener of listeners) listener(part)
  }
  return { did, shown, line, type, listeners }
}

test('a line is read, nothing of it is shown, and the terminal is as it was', async () => {
  const { did, shown, line, type, listeners } = asked()
  type('s', 'even', ' grey pebbles', '\r', 'more')
  expect(await line).toBe('seven grey pebbles')
  expect(shown).toEqual(['Passphrase: ', '\n'])
  expect(did).toEqual(['raw', 'resume', 'cooked', 'pause'])
  expect(listeners.size).toBe(0)
})

test('it can be corrected, and arrows are no part of it', async () => {
  const { line, type } = asked()
  type('wrong', '\u0015', 'tra\u007f\u007fräge', '\u001b[D', '\u0001', '\u0004', '\u0008e\n')
  expect(await line).toBe('träge')
})

test('a letter whose bytes come apart is one letter', async () => {
  const { line, type } = asked()
  const bytes = Buffer.from('Möwe')
  type(bytes.subarray(0, 2), bytes.subarray(2), '\r')
  expect(await line).toBe('Möwe')
})

test('Ctrl-C ends the command, and Ctrl-D on an empty line the question', async () => {
  const interrupted = asked()
  interrupted.type('abc\u0003')
  expect(await interrupted.line).toBeUndefined()
  expect(interrupted.did).toEqual(['raw', 'resume', 'interrupt', 'cooked', 'pause'])
  const left = asked()
  left.type('\u0004')
  expect(await left.line).toBeUndefined()
  expect(left.did).toEqual(['raw', 'resume', 'cooked', 'pause'])
})

test('a signal gives the terminal back, also one that came before', async () => {
  const stop = new AbortController()
  const during = asked(stop.signal)
  during.type('abc')
  stop.abort()
  expect(await during.line).toBeUndefined()
  expect(during.did.slice(-2)).toEqual(['cooked', 'pause'])
  expect(await asked(stop.signal).line).toBeUndefined()
})

test('what is longer than any passphrase is not kept', async () => {
  const { line, type } = asked()
  type('x'.repeat(100_000), '\r')
  expect(await line).toHaveLength(4_096)
})
