/** `shoal fetch`: downloads what a link names and prints where it lies. */
import { ShoalError, type FetchStreamEvent } from '@shoal/node/control'
import type { Context } from '../context.ts'
import { Interrupted } from '../failure.ts'
import { linkOf } from '../link-input.ts'
import { jsonFetch, plainFetch, quietFetch } from '../output/fetch-reporters.ts'
import type { Output, Reporter } from '../output/output.ts'
import { TerminalFetch } from '../output/terminal-fetch.ts'
import type { FetchArguments } from '../arguments/arguments.ts'
import { searchOf } from '../read-command.ts'
import { FAILURES } from '../strings/errors.ts'
import { startNode, withNode, type NodeSession } from '../with-node.ts'

/** @throws Interrupted when `stop` aborts before the download is complete */
export async function fetch(args: FetchArguments, context: Context): Promise<void> {
  const { stop } = context
  const link = await linkOf(args.link, context)
  const reporter = fetchReporter(context.output, args.seed)
  context.onExit(() => reporter.close())
  reporter.start()
  let isDone = false
  let isRemoved = false
  const download = async (session: NodeSession): Promise<void> => {
    const { directory, only, overwrite, seed } = args
    const request = {
      link,
      directory,
      only: [...only],
      overwrite,
      seed,
      files: context.output.mode === 'json',
      ...searchOf(args),
    }
    for await (const event of session.client.fetch(request, stop)) {
      isRemoved ||= event.type === 'warning' && event.code === 'WARN_UNSHARED'
      if (event.type !== 'done') {
        reporter.event(event)
        await reporter.drained?.()
        continue
      }
      // After a takeover the same is found in its place, and was told of.
      // A person counts from the moment the command was typed, the engine from when it was asked.
      if (!isDone) reporter.event({ ...event, seconds: context.uptimeSeconds() })
      isDone = true
      // The result stands: what becomes of the connection now does not matter.
      if (!seed) return
    }
    if (seed && !stop.aborted && !isRemoved) {
      throw new ShoalError('ERR_NODE_STOPPED', FAILURES.seedEnded)
    }
  }
  try {
    await withNode({ ...context, flags: args.node, signal: stop, start: startNode }, download)
    if (stop.aborted && !isDone) throw new Interrupted()
  } catch (error) {
    // What comes after the result, such as a fault while stopping, is still worth telling.
    if (stop.aborted && !isDone) throw new Interrupted()
    if (!(stop.aborted && args.seed)) throw error
  }
  if (args.seed) reporter.stopped()
}

export function fetchReporter(output: Output, isSeeding: boolean): Reporter<FetchStreamEvent> {
  switch (output.mode) {
    case 'json':
      return jsonFetch(output)
    case 'quiet':
      return quietFetch(output)
    case 'plain':
      return plainFetch(output, isSeeding)
    case 'terminal':
      return new TerminalFetch(output, isSeeding)
  }
}
