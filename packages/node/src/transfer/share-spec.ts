/** What a caller wants shared, as the store knows it. */
import type { ShareSpec } from '../store/share-lookup.ts'
import { checkShareName, shareName, sharedPaths } from '../store/shared-paths.ts'
import type { ShareOptions } from './share-options.ts'

/** @throws ShoalError as `sharedPaths` and `checkShareName` */
export function specOf(given: string | readonly string[], options: ShareOptions): ShareSpec {
  const paths = sharedPaths(given)
  const isPublic = options.public ?? false
  return {
    paths,
    name: options.name === undefined ? shareName(paths) : checkShareName(options.name),
    isPublic,
    preserve: isPublic && (options.preserve ?? false),
    exclude: options.exclude ?? [],
  }
}
