/** `shoal share`: prints a link and serves what it names until it is stopped. */
import { basename } from 'node:path'
import { ShoalError, type ShareEvent, type ShareRequest } from '@shoal/node/control'
import type { Context } from '../context.ts'
import type { Output, Reporter } from '../output/output.ts'
import { jsonShare, plainShare, quietShare } from '../output/share-reporters.ts'
import { TerminalShare } from '../output/terminal-share.ts'
import type { ShareArguments } from '../parse.ts'
import { WARNINGS } from '../strings.ts'
import { startNode, withNode, type NodeSession } from '../with-node.ts'

/** Ends normally when `stop` aborts: to stop a share is how it is meant to end. */
export async function share(args: ShareArguments, context: Context): Promise<void> {
  const { stop } = context
  const reporter = createReporter(context.output, args.name ?? basename(args.path))
  context.onExit(() => reporter.close())
  reporter.start()
  let hasLink = false
  const serve = async (session: NodeSession): Promise<void> => {
    if (session.isTakeover && hasLink) {
      reporter.event({ type: 'warning', code: 'WARN_LINK_CHANGED', message: WARNINGS.linkChanged })
    }
    for await (const event of session.client.share(requestOf(args), stop)) {
      hasLink ||= event.type === 'ready'
      reporter.event(event)
    }
    if (!stop.aborted) throw new ShoalError('ERR_NODE_STOPPED', 'the Shoal that served this ended')
  }
  try {
    await withNode({ ...context, flags: args.node, signal: stop, start: startNode }, serve)
  } catch (error) {
    if (!stop.aborted) throw error
  }
  reporter.stopped()
}

function requestOf({ path, name, ...flags }: ShareArguments): ShareRequest {
  return {
    path,
    ...(name === undefined ? {} : { name }),
    public: flags.public,
    preserve: flags.preserve,
    skipUnreadable: flags.skipUnreadable,
    exclude: [...flags.exclude],
  }
}

function createReporter(output: Output, name: string): Reporter<ShareEvent> {
  switch (output.mode) {
    case 'json':
      return jsonShare(output)
    case 'quiet':
      return quietShare(output)
    case 'plain':
      return plainShare(output, name)
    case 'terminal':
      return new TerminalShare(output, name)
  }
}
