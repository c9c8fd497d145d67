/** `shoal share`: prints a link and serves what it names until it is stopped. */
import { basename } from 'node:path'
import type { ShareEvent, ShareRequest } from '@shoal/node/control'
import type { Context } from '../context.ts'
import type { Output, Reporter } from '../output/output.ts'
import { jsonShare, plainShare, quietShare, type ShareEnd } from '../output/share-reporters.ts'
import { TerminalShare } from '../output/terminal-share.ts'
import type { ShareArguments } from '../arguments/arguments.ts'
import { SharedInput, type ShareCalls } from '../shared-input.ts'
import { WARNINGS } from '../strings/output.ts'
import type { TimerHandle } from '../terminal-clock.ts'
import { limitsOf, startNode, withNode, type NodeSession } from '../with-node.ts'

/** Ends normally when `stop` aborts, or its time is over: to stop a share is how it is meant to end. */
export async function share(args: ShareArguments, context: Context): Promise<void> {
  const { clock } = context
  const over = new AbortController()
  const stop = AbortSignal.any([context.stop, over.signal])
  // What is typed belongs to what is shared where that is standard input.
  const keys = args.isInput ? undefined : context.keys
  const reporter = shareReporter(context.output, givenName(args), keys === undefined ? 'signal' : 'keys')
  context.onExit(() => reporter.close())
  reporter.start()
  if (keys !== undefined) context.onExit(keys((key) => reporter.key?.(key)))
  const input = args.isInput ? new SharedInput(args.node.home, context) : undefined
  let root: string | undefined
  let timer: TimerHandle | undefined
  const serve = async (session: NodeSession): Promise<void> => {
    // After a takeover the link that was printed is to go on, whatever was asked for at first.
    const request = { ...requestOf(args), fresh: args.fresh && root === undefined }
    const calls: ShareCalls = {
      paths: (given) => session.client.share(given, stop),
      input: (given, source) => session.client.shareInput(given, source, stop),
    }
    const events = input?.share(calls, request) ?? calls.paths(request)
    for await (const event of events) {
      if (event.type === 'ready') {
        if (root !== undefined && root !== event.root) {
          reporter.event({ type: 'warning', code: 'WARN_LINK_CHANGED', message: WARNINGS.linkChanged })
        }
        root = event.root
        // From the first link on, whatever becomes of the process that serves it.
        if (args.forMs > 0) timer ??= clock.set(() => over.abort(), args.forMs)
      }
      reporter.event(event)
    }
  }
  try {
    await withNode({ ...context, flags: args.node, signal: stop, start: startNode }, serve)
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    if (timer !== undefined) clock.clear(timer)
  }
  reporter.stopped()
}

/** What it is called until the engine says so. */
export function givenName({ name, isInput, paths }: ShareArguments): string {
  if (name !== undefined) return name
  if (isInput) return 'stdin'
  return paths.length === 1 ? basename(paths[0] ?? '') : 'shared'
}

/** All but whether a new link is to be made. */
export function requestOf({ paths, name, ...flags }: ShareArguments): ShareRequest {
  return {
    paths: [...paths],
    ...(name === undefined ? {} : { name }),
    public: flags.public,
    preserve: flags.preserve,
    skipUnreadable: flags.skipUnreadable,
    exclude: [...flags.exclude],
    ...limitsOf(flags.node),
    ...(flags.times === undefined ? {} : { times: flags.times }),
  }
}

/** @param name what it is called until the engine says so */
export function shareReporter(output: Output, name: string, end: ShareEnd): Reporter<ShareEvent> {
  switch (output.mode) {
    case 'json':
      return jsonShare(output)
    case 'quiet':
      return quietShare(output)
    case 'plain':
      return plainShare(output, name, end)
    case 'terminal':
      return new TerminalShare(output, name, end)
  }
}
