/**
 * `shoal id`: prints the name by which other devices know this one, or takes it along in a file that a passphrase opens.
 * Needs no node.
 */
import {
  checkExport,
  checkImport,
  exportIdentity,
  importIdentity,
  loadIdentity,
  type IdEvent,
  type WarningEvent,
} from '@shoal/node/control'
import type { IdArguments, IdTask } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { writeJson, writeResult, writeSuccess, writeWarning } from '../output/output.ts'
import { passphraseOf } from '../passphrase.ts'
import { ID_TEXTS } from '../strings/output.ts'
import { untilFree } from '../until-free.ts'

/** @throws ShoalError as `loadIdentity`, `exportIdentity`, `importIdentity` and `passphraseOf`; Interrupted */
export async function id({ node: { home }, task }: IdArguments, context: Context): Promise<void> {
  const { output } = context
  const event = task === undefined ? await known(home) : await moved(home, task, context)
  if (output.mode === 'json') writeJson(output, event)
  else writeResult(output, event.peerId)
  if (task === undefined || event.file === undefined) return
  writeSuccess(output, ID_TEXTS[task.action](event.file, home))
  const along = { spaces: event.spaces ?? 0, shares: event.shares ?? 0 }
  writeSuccess(output, ID_TEXTS[task.action === 'export' ? 'exported' : 'imported'](along))
}

async function known(home: string): Promise<IdEvent> {
  const { peerId } = await loadIdentity(home)
  return { type: 'id', peerId, home }
}

async function moved(home: string, task: IdTask, context: Context): Promise<IdEvent> {
  const isNew = task.action === 'export'
  // Nobody types a passphrase for nothing.
  await (isNew ? checkExport(task.file) : checkImport(home, task.file))
  const passphrase = await passphraseOf({ file: task.passphraseFile, isNew }, context)
  const move = isNew ? exportIdentity : importIdentity
  const onWarning = (warning: WarningEvent): void => writeWarning(context.output, warning)
  const { peerId, ...more } = await untilFree(context.clock, context.stop, () =>
    move(home, task.file, passphrase, { onWarning }),
  )
  return { type: 'id', peerId, home, ...more }
}
