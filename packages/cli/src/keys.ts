/**
 * Single keys that a person presses while a command runs. They are read only while the command has the terminal for itself:
 * one that runs in the background of a shell would be stopped by the system for touching it.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const INTERRUPT = '\u0003'
const SUSPEND = '\u001a'
/** Fields of /proc/self/stat behind the name, proc(5): the process group, and that which has the terminal. */
const GROUP_FIELD = 2
const FOREGROUND_FIELD = 5

/** The parts of a terminal's input that are used here. */
export interface KeyInput {
  setRawMode: (isRaw: boolean) => unknown
  on: (name: 'data', listener: (data: Uint8Array | string) => void) => unknown
  off: (name: 'data', listener: (data: Uint8Array | string) => void) => unknown
  resume: () => unknown
  pause: () => unknown
}

export interface KeysInit {
  readonly input: KeyInput
  readonly signals: {
    readonly on: (name: 'SIGCONT', listener: () => void) => unknown
    readonly off: (name: 'SIGCONT', listener: () => void) => unknown
  }
  readonly isForeground: () => boolean
  /** Does what Ctrl-C does where keys are not read one by one. */
  readonly interrupt: () => void
  /** Does what Ctrl-Z does there. */
  readonly suspend: () => void
}

/** Tells of each key until what it returns is called, which gives the terminal back as it was. */
export function listenForKeys(init: KeysInit, onKey: (key: string) => void): () => void {
  const { input, signals, isForeground, interrupt, suspend } = init
  let isListening = false
  const onData = (data: Uint8Array | string): void => {
    const text = data.toString()
    if (text.includes(INTERRUPT)) {
      interrupt()
    } else if (text === SUSPEND) {
      leave()
      suspend()
    } else if (text.length === 1) {
      // What is longer is a key such as an arrow, or was pasted.
      onKey(text.toLowerCase())
    }
  }
  const enter = (): void => {
    if (isListening || !isForeground()) return
    isListening = true
    input.setRawMode(true)
    input.on('data', onData)
    input.resume()
  }
  const leave = (): void => {
    if (!isListening) return
    isListening = false
    input.off('data', onData)
    input.pause()
    input.setRawMode(false)
  }
  enter()
  signals.on('SIGCONT', enter)
  return () => {
    signals.off('SIGCONT', enter)
    leave()
  }
}

/** Whether this process may touch its terminal. */
export function isInForeground(platform: NodeJS.Platform): boolean {
  try {
    if (platform === 'win32') return true
    if (platform !== 'linux') {
      return execFileSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' }).includes(
        '+',
      )
    }
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // The name stands in brackets and may have any character.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[GROUP_FIELD] === fields[FOREGROUND_FIELD]
  } catch {
    return false
  }
}
