/** Gives a command the downloads of the background: from the node that runs, else read from the home itself, without a node. */
import {
  ControlClient,
  homePaths,
  openHomeFetches,
  type FetchStateEvent,
  type WarningEvent,
} from '@shoal/node/control'
import type { FetchAction } from './arguments/arguments.ts'
import type { Context } from './context.ts'
import { untilFree } from './until-free.ts'

export interface FetchesAccess {
  /** In the order in which they were asked for. */
  readonly list: () => Promise<readonly FetchStateEvent[]>
  /** @throws ShoalError ERR_NO_FETCH; ERR_NOT_DAEMON when the node that runs is none in the background */
  readonly change: (id: string, action: FetchAction) => Promise<FetchStateEvent>
  /** Whether a node in the background runs, which goes on with them. */
  readonly isActive: boolean
  /** What was found wrong with them. */
  readonly warnings: readonly WarningEvent[]
}

/** @throws ShoalError ERR_HOME_BUSY, and what `work` throws */
export async function withFetches(
  home: string,
  { env, clock, stop }: Pick<Context, 'env' | 'clock' | 'stop'>,
  work: (fetches: FetchesAccess) => Promise<void>,
): Promise<void> {
  const paths = homePaths(home, env)
  await untilFree(clock, stop, async () => {
    const client = await ControlClient.connect(paths)
    if (client !== undefined) {
      const { daemon } = await client.status()
      await work({
        list: () => gathered(client.fetches()),
        change: (id, action) => client.changeFetch(id, action),
        isActive: daemon,
        warnings: [],
      })
      return
    }
    const warnings: WarningEvent[] = []
    const opened = await openHomeFetches(paths, (warning) => warnings.push(warning))
    try {
      const list = async (): Promise<readonly FetchStateEvent[]> => opened.list()
      await work({ list, change: opened.change, isActive: false, warnings })
    } finally {
      await opened.close()
    }
  })
}

async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
