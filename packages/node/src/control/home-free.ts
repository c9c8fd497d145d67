/** Whether a node may be started on a home. */
import { takeHome } from '../store/home-lock.ts'

/**
 * Whether no living process has the home; one that ends has it until all it did is on the disk.
 *
 * @throws ShoalError ERR_HOME_INVALID
 */
export function isHomeFree(home: string): boolean {
  const lock = takeHome(home)
  lock?.release()
  return lock !== undefined
}
