import { expect, test } from 'vitest'
import { isInForeground, listenForKeys } from '../src/keys.ts'

/** A terminal whose keys a test presses, and what was done with it. */
function terminal(isForeground = { now: true }) {
  const did: string[] = []
  const listeners = new Set<(data: string) => void>()
  let onContinue: (() => void) | undefined
  const end = listenForKeys(
    {
      input: {
        setRawMode: (isRaw) => did.push(isRaw ? 'raw' : 'cooked'),
        on: (_name, listener) => listeners.add(listener),
        off: (_name, listener) => listeners.delete(listener),
        resume: () => {},
        pause: () => {},
      },
      signals: { on: (_name, listener) => (onContinue = listener), off: () => (onContinue = undefined) },
      isForeground: () => isForeground.now,
      interrupt: () => did.push('interrupt'),
      suspend: () => did.push('suspend'),
    },
    (key) => did.push(key),
  )
  const press = (data: string): void => {
    for (const listener of listeners) listener(data)
  }
  return { did, press, end, goOn: () => onContinue?.() }
}

test('keys are told one by one, arrows and what is pasted are not', () => {
  const { did, press, end } = terminal()
  for (const data of ['q', 'C', '\u001b[A', 'shoal', '\u0003', 'pasted\u0003']) press(data)
  end()
  press('q')
  expect(did).toEqual(['raw', 'q', 'c', 'interrupt', 'interrupt', 'cooked'])
})

test('Ctrl-Z gives the terminal back before it stops, and takes it again with fg', () => {
  const isForeground = { now: true }
  const { did, press, end, goOn } = terminal(isForeground)
  press('\u001a')
  goOn()
  press('q')
  expect(did).toEqual(['raw', 'cooked', 'suspend', 'raw', 'q'])
  press('\u001a')
  isForeground.now = false
  goOn()
  press('q')
  end()
  expect(did.slice(5)).toEqual(['cooked', 'suspend'])
})

test('a command in the background leaves the terminal alone', () => {
  const { did, press, end } = terminal({ now: false })
  press('q')
  end()
  expect(did).toEqual([])
})

test('a process without a terminal is not in the foreground of one', () => {
  expect(isInForeground('win32')).toBe(true)
  // Tests have a terminal or not: it is only asked that there is an answer.
  expect(typeof isInForeground('linux')).toBe('boolean')
})
