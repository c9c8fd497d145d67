/** `shoal fetch -o -`: writes the one file of a share to stdout, and saves nothing. */
import { ShoalError, parseLink, type ControlClient, type ListRequest } from '@shoal/node/control'
import type { FetchArguments } from '../arguments/arguments.ts'
import { ContentCopy } from '../content-copy.ts'
import type { Context } from '../context.ts'
import { linkOf } from '../link-input.ts'
import { ContentReporter } from '../output/content-reporter.ts'
import { runToEnd, searchOf } from '../read-command.ts'
import { FAILURES } from '../strings/errors.ts'
import type { NodeSession } from '../with-node.ts'

/**
 * @throws ShoalError ERR_USAGE when the share holds more than one file, or none; Interrupted when the user stops it
 *   before the last byte
 */
export async function fetchToStdout(args: FetchArguments, context: Context): Promise<void> {
  const { stop, output, clock, uptimeSeconds } = context
  const link = await linkOf(args.link, context)
  const reporter = new ContentReporter(output, 'fetch')
  context.onExit(() => reporter.close())
  reporter.start()
  const request = { link, ...searchOf(args) }
  const copy = new ContentCopy(output.stdout, reporter)
  let path: string | undefined
  let begunMs = clock.monotonic()
  const download = async ({ client }: NodeSession): Promise<void> => {
    path ??= await onlyFile(client, request, stop)
    if (path === undefined) return
    if (copy.content === undefined) begunMs = clock.monotonic()
    await copy.run(client, { ...request, path }, stop)
  }
  await runToEnd(context, {
    flags: args.node,
    work: download,
    isComplete: () => copy.isComplete,
    interrupted: [FAILURES.readInterrupted, FAILURES.readInterruptedHint],
  })
  const { content, bytesFetched } = copy
  if (!copy.isComplete || content === undefined) return
  const { root, bytes } = content
  reporter.done({
    type: 'done',
    root,
    path: '-',
    bytes,
    seconds: uptimeSeconds(),
    transferSeconds: (clock.monotonic() - begunMs) / 1_000,
    bytesFetched,
    bytesReused: 0,
  })
}

/** The path of the only file of a share, below the path in the link; undefined when `stop` aborts before it is known. */
async function onlyFile(
  client: ControlClient,
  request: ListRequest,
  stop: AbortSignal,
): Promise<string | undefined> {
  let only: string | undefined
  for await (const event of client.list(request, stop)) {
    if (event.type !== 'entry' || event.kind === 'folder') continue
    if (only !== undefined) {
      throw new ShoalError('ERR_USAGE', FAILURES.severalFiles, { hint: FAILURES.severalFilesHint })
    }
    only = event.path
  }
  if (stop.aborted) return undefined
  if (only === undefined) throw new ShoalError('ERR_USAGE', FAILURES.noFile, { hint: FAILURES.noFileHint })
  // A listing tells whole paths, and what is asked for stands below the path in the link.
  const above = (parseLink(request.link).path ?? '').split('/').filter((name) => !['', '.'].includes(name))
  return only.split('/').slice(above.length).join('/')
}
