/** `shoal share --detach`: prints a link, and leaves it to the node in the background to serve what it names. */
import { randomUUID } from 'node:crypto'
import type { ControlClient } from '@shoal/node/control'
import type { ShareArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { SharedInput, type ShareCalls } from '../shared-input.ts'
import { withDaemon } from '../with-daemon.ts'
import { givenName, requestOf, shareReporter } from './share.ts'

/** Ends normally when `stop` aborts before there is a link: then nothing is left. */
export async function shareDetached(args: ShareArguments, context: Context): Promise<void> {
  const { stop } = context
  const reporter = shareReporter(context.output, givenName(args), 'background')
  context.onExit(() => reporter.close())
  reporter.start()
  const input = args.isInput ? new SharedInput(args.node.home, context) : undefined
  // One for all attempts, so that a node that took the first knows the others for the same.
  const key = randomUUID()
  const lasting = args.forMs > 0 ? { forMs: args.forMs } : {}
  const work = async (client: ControlClient): Promise<void> => {
    const request = { ...requestOf(args), fresh: args.fresh }
    const calls: ShareCalls = {
      paths: (given) => client.keepShare({ ...given, ...lasting }, key, stop),
      input: (given, source) => client.keepInput({ ...given, ...lasting }, source, key, stop),
    }
    for await (const event of input?.share(calls, request) ?? calls.paths(request)) {
      reporter.event(event)
      // From here on it goes on, whatever becomes of this connection.
      if (event.type === 'ready') return
    }
    stop.throwIfAborted()
  }
  try {
    await withDaemon(args.node, context, { work, canRepeat: () => input?.isLost !== true })
  } catch (error) {
    if (!stop.aborted) throw error
    reporter.stopped()
  }
}
