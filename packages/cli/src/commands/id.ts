/** `shoal id`: prints the name by which other devices know this one. Needs no node. */
import { loadIdentity, type IdEvent } from '@shoal/node/control'
import type { PlainArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { writeJson, writeResult } from '../output/output.ts'

export async function id(args: PlainArguments, context: Context): Promise<void> {
  const { home } = args.node
  const { peerId } = await loadIdentity(home)
  const event: IdEvent = { type: 'id', peerId, home }
  if (context.output.mode === 'json') writeJson(context.output, event)
  else writeResult(context.output, peerId)
}
