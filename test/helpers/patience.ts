/**
 * How long a test waits for a condition when it does not say: as long as a machine that has ten times as much to do may need.
 * The second that vitest gives fails there, with nothing wrong.
 */
import { vi } from 'vitest'

const PATIENCE_MS = 20_000

const { waitFor } = vi
Object.assign(vi, {
  waitFor: ((callback, options) => waitFor(callback, options ?? PATIENCE_MS)) satisfies typeof waitFor,
})
