/** Where a passphrase comes from: a file, or a person who types it unseen. Never the command line, which others can read. */
import { open, type FileHandle } from 'node:fs/promises'
import { ShoalError } from '@shoal/node/control'
import type { Context } from './context.ts'
import { Interrupted } from './failure.ts'
import { FAILURES, USAGE } from './strings/errors.ts'
import { PROMPTS } from './strings/output.ts'

/** Longer than any passphrase that is taken. */
const MAX_FILE_BYTES = 8_192

export interface PassphraseInit {
  /** Absolute; its first line is the passphrase. */
  readonly file: string | undefined
  /** It is typed twice: nobody sees what was typed. */
  readonly isNew: boolean
}

/** @throws ShoalError ERR_USAGE, ERR_SOURCE_MISSING, ERR_PERMISSION; Interrupted */
export async function passphraseOf({ file, isNew }: PassphraseInit, { hidden }: Context): Promise<string> {
  if (file !== undefined) return passphraseIn(file)
  if (hidden === undefined) {
    throw new ShoalError('ERR_USAGE', USAGE.noPassphrase, { hint: USAGE.noPassphraseHint })
  }
  const typed = await ask(hidden, isNew ? PROMPTS.newPassphrase : PROMPTS.passphrase)
  if (isNew && (await ask(hidden, PROMPTS.passphraseAgain)) !== typed) {
    throw new ShoalError('ERR_USAGE', USAGE.passphrasesDiffer, { hint: USAGE.passphrasesDifferHint })
  }
  return typed
}

async function ask(hidden: NonNullable<Context['hidden']>, prompt: string): Promise<string> {
  const typed = await hidden(prompt)
  if (typed === undefined) throw new Interrupted(FAILURES.idInterrupted, FAILURES.idInterruptedHint)
  return typed
}

async function passphraseIn(file: string): Promise<string> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_FILE_BYTES), 0, MAX_FILE_BYTES)
    const [line = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/)
    if (line !== '') return line
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const code = isMissing ? 'ERR_SOURCE_MISSING' : 'ERR_PERMISSION'
    throw new ShoalError(code, isMissing ? FAILURES.notThere(file) : FAILURES.notRead(file), { cause })
  } finally {
    await handle?.close()
  }
  throw new ShoalError('ERR_USAGE', USAGE.emptyPassphrase(file), { hint: USAGE.emptyPassphraseHint })
}
