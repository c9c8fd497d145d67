/** What a caller wants shared, as the store knows it. */
import type { ShareSpec } from '../store/share-lookup.ts'
import { shareName, sharedPaths } from '../store/shared-paths.ts'
import type { ShareOptions } from './share-options.ts'

export function specOf(given: string | readonly string[], options: ShareOptions): ShareSpec {
  const paths = sharedPaths(given)
  const isPublic = options.public ?? false
  return {
    paths,
    name: options.name ?? shareName(paths),
    isPublic,
    preserve: isPublic && (options.preserve ?? false),
    exclude: options.exclude ?? [],
  }
}
