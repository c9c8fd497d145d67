/**
 * A logger that logs nothing, for libp2p: its own makes several loggers for each stream and connection and picks a colour
 * for each, an eighth of the time of a busy node, to say nothing in the end. With DEBUG set the library's is used.
 */
import type { ComponentLogger, Logger } from '@libp2p/interface'

const silent: Logger = Object.assign(() => {}, {
  enabled: false,
  error: () => {},
  trace: () => {},
  newScope: () => silent,
})

export const quietLogger: ComponentLogger = { forComponent: () => silent }
