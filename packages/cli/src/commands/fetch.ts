/** `shoal fetch`: downloads what a link names and prints where it lies. */
import type { FetchEvent } from '@shoal/node/control'
import type { Context } from '../context.ts'
import { Interrupted } from '../failure.ts'
import { linkOf } from '../link-input.ts'
import { jsonFetch, plainFetch, quietFetch } from '../output/fetch-reporters.ts'
import type { Output, Reporter } from '../output/output.ts'
import { TerminalFetch } from '../output/terminal-fetch.ts'
import type { FetchArguments } from '../parse.ts'
import { searchOf } from '../read-command.ts'
import { startNode, withNode, type NodeSession } from '../with-node.ts'

/** @throws Interrupted when `stop` aborts before the download is complete */
export async function fetch(args: FetchArguments, context: Context): Promise<void> {
  const { stop } = context
  const link = await linkOf(args.link, context)
  const reporter = fetchReporter(context.output)
  context.onExit(() => reporter.close())
  reporter.start()
  let isDone = false
  const download = async (session: NodeSession): Promise<void> => {
    const { directory, only, overwrite } = args
    const request = {
      link,
      directory,
      only: [...only],
      overwrite,
      ...searchOf(args),
    }
    for await (const event of session.client.fetch(request, stop)) {
      if (event.type !== 'done') {
        reporter.event(event)
        continue
      }
      isDone = true
      // A person counts from the moment the command was typed, the engine from when it was asked.
      reporter.event({ ...event, seconds: context.uptimeSeconds() })
      // The result stands: what becomes of the connection now does not matter.
      return
    }
  }
  try {
    await withNode({ ...context, flags: args.node, signal: stop, start: startNode }, download)
    if (stop.aborted && !isDone) throw new Interrupted()
  } catch (error) {
    // What comes after the result, such as a fault while stopping, is still worth telling.
    if (stop.aborted && !isDone) throw new Interrupted()
    throw error
  }
}

export function fetchReporter(output: Output): Reporter<FetchEvent> {
  switch (output.mode) {
    case 'json':
      return jsonFetch(output)
    case 'quiet':
      return quietFetch(output)
    case 'plain':
      return plainFetch(output)
    case 'terminal':
      return new TerminalFetch(output)
  }
}
