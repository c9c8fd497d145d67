/** Gives a command the shares of a home: from the node that runs on it, else read from the home itself, without a node. */
import {
  ControlClient,
  homePaths,
  openHomeShares,
  type SharedEvent,
  type SharesEvent,
} from '@shoal/node/control'
import type { Context } from './context.ts'
import { untilFree } from './until-free.ts'

export interface SharesAccess {
  /** In the order in which they were made, warnings before them. */
  readonly list: () => AsyncIterable<SharesEvent>
  readonly unshare: (root: string) => Promise<readonly Omit<SharedEvent, 'type'>[]>
}

/** @throws ShoalError ERR_HOME_BUSY, and what `work` throws */
export async function withShares(
  home: string,
  { env, clock, stop }: Context,
  work: (shares: SharesAccess) => Promise<void>,
): Promise<void> {
  const paths = homePaths(home, env)
  await untilFree(clock, stop, async () => {
    const client = await ControlClient.connect(paths)
    if (client !== undefined) {
      await work({ list: () => client.shares(), unshare: (root) => client.unshare(root) })
      return
    }
    const warnings: SharesEvent[] = []
    const opened = await openHomeShares(paths, (warning) => warnings.push(warning))
    try {
      await work({ list: () => withType(warnings, opened.shares()), unshare: opened.unshare })
    } finally {
      await opened.close()
    }
  })
}

async function* withType(
  warnings: readonly SharesEvent[],
  shares: AsyncIterable<Omit<SharedEvent, 'type'>>,
): AsyncGenerator<SharesEvent> {
  yield* warnings
  for await (const share of shares) yield { type: 'share', ...share }
}
