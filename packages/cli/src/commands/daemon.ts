/** `shoal daemon`: a node in the background, which other commands of its home use. */
import type { DaemonArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { installDaemon, uninstallDaemon } from '../daemon/install.ts'
import { runDaemon } from '../daemon/run.ts'
import { startDaemon } from '../daemon/start.ts'
import { stopDaemon } from '../daemon/stop.ts'
import { status } from './status.ts'

/** @throws ShoalError as what it is asked to do */
export async function daemon(args: DaemonArguments, context: Context): Promise<void> {
  switch (args.action) {
    case 'start':
      return startDaemon(args.node, context)
    case 'stop':
      return stopDaemon(args.node.home, context)
    case 'status':
      return status(args, context)
    case 'install':
      return installDaemon(args.node, context)
    case 'uninstall':
      return uninstallDaemon(args.node, context)
    case 'run':
      return runDaemon(args.node, context)
  }
}
