/** A line that a person types without seeing it: a passphrase. */
import type { KeyInput } from './keys.ts'

const ENTER = /[\r\n]/
const ERASE = new Set(['\u0008', '\u007f'])
const ERASE_LINE = '\u0015'
const INTERRUPT = '\u0003'
const END = '\u0004'
const ESCAPE = '\u001b'
/** What is longer is no passphrase; the rest of it is not kept. */
const MAX_CHARACTERS = 4_096

export interface HiddenInputInit {
  readonly input: KeyInput
  readonly write: (text: string) => unknown
  readonly prompt: string
  /** Aborts when the user ends the command otherwise. */
  readonly stop: AbortSignal
  /** Does what Ctrl-C does where keys are not read one by one. */
  readonly interrupt: () => void
}

/** The line, or undefined when the user left: by Ctrl-C, Ctrl-D on an empty line, or a signal. The terminal is as it was. */
export function readHidden(init: HiddenInputInit): Promise<string | undefined> {
  const { input, write, prompt, stop, interrupt } = init
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const decoder = new TextDecoder()
  let typed: string[] = []
  const end = (line: string | undefined): void => {
    input.off('data', onData)
    stop.removeEventListener('abort', onStop)
    input.setRawMode(false)
    input.pause()
    write('\n')
    resolve(line)
  }
  const onStop = (): void => end(undefined)
  const onData = (data: Uint8Array | string): void => {
    const text = typeof data === 'string' ? data : decoder.decode(data, { stream: true })
    // A key such as an arrow.
    if (text.startsWith(ESCAPE)) return
    for (const character of text) {
      if (ENTER.test(character)) return end(typed.join(''))
      if (character === INTERRUPT) {
        interrupt()
        return end(undefined)
      }
      if (character === END && typed.length === 0) return end(undefined)
      if (ERASE.has(character)) typed = typed.slice(0, -1)
      else if (character === ERASE_LINE) typed = []
      else if (character >= ' ' && typed.length < MAX_CHARACTERS) typed.push(character)
    }
  }
  // Before the question: who types at once is not shown either.
  input.setRawMode(true)
  write(prompt)
  input.on('data', onData)
  input.resume()
  if (stop.aborted) onStop()
  else stop.addEventListener('abort', onStop, { once: true })
  return promise
}
