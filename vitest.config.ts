import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

/** Measure time, memory or the order of things beside a load of their own, or keep all processors busy by themselves. */
const APART = [
  'test/chaos/{crash-points,half-open,hostile-peer,malformed,racer,soak}.test.ts',
  'packages/node/test/network/dht/network.test.ts',
  'test/e2e/browser-attack.test.ts',
  'test/integration/{bandwidth,limits,overload,stalled-peers}.test.ts',
]
/** Take a minute or more: started last, one of them would run alone at the end. */
const LONG = [
  'test/chaos/{cli-crash-points,cli-disk-faults,disk-faults}.test.ts',
  'test/e2e/{cli,cli-contract-alone,cli-contract-daemon,detach}.test.ts',
]

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    setupFiles: ['test/helpers/patience.ts'],
    pool: 'forks',
    // Thousands of processes that run the same sources. Of those that strip types, half of the processor time is compiling.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') },
    // Most of them wait for the disk or for each other: on two processors two at once take three fifths of the time.
    maxWorkers: Number(process.env['SHOAL_TEST_WORKERS'] ?? Math.max(2, availableParallelism() - 1)),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './scripts/count-reporter.ts'],
    // Of one group the files run side by side, those of the project whose name comes first in the alphabet first.
    projects: [
      { extends: true, test: { name: 'long', include: LONG, sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: {
          name: 'short',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...LONG, ...APART],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'apart', include: APART, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
})
