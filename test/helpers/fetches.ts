/** What goes on in the background of a real node, over its control API. */
import type { NodeOptions, ShoalNode } from '@shoal/node'
import type { ControlClient } from '@shoal/node/control'
import { expect, vi } from 'vitest'
import type { FetchStateEvent } from '../../packages/node/src/events.ts'
import { clientOf, startNode } from './nodes.ts'

const WAIT_MS = 30_000
const POLL_MS = 50

/** A node that does what it is asked to do in the background. */
export async function background(options: NodeOptions): Promise<{ node: ShoalNode; client: ControlClient }> {
  const node = await startNode({ ...options, onStopRequest: () => {} })
  return { node, client: await clientOf(node) }
}

export async function fetchesOf(client: ControlClient): Promise<FetchStateEvent[]> {
  const states: FetchStateEvent[] = []
  for await (const state of client.fetches()) states.push(state)
  return states
}

/** Waits until the first fetch is as it should be. */
export async function fetchBecomes(
  client: ControlClient,
  facts: Partial<FetchStateEvent>,
): Promise<FetchStateEvent> {
  return await vi.waitFor(
    async () => {
      const [fetch] = await fetchesOf(client)
      expect(fetch).toMatchObject(facts)
      return fetch as FetchStateEvent
    },
    { timeout: WAIT_MS, interval: POLL_MS },
  )
}
