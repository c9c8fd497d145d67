/** Where in the folder of an upload a file of it lies: judged before anything is made. */
import { PathJudge } from '../../content/safe-path.ts'
import { ShoalError } from '../../errors.ts'
import type { UploadRecord } from './upload-records.ts'

export class UploadPaths {
  readonly #platform: 'posix' | 'win32'

  constructor(platform: 'posix' | 'win32') {
    this.#platform = platform
  }

  /** @throws ShoalError ERR_UNSAFE_NAME, ERR_LIMIT */
  acceptName({ name, kind }: Pick<UploadRecord, 'name' | 'kind'>): void {
    if (name.includes('/')) throw new ShoalError('ERR_UNSAFE_NAME', 'the name of an upload contains a slash')
    this.#judge().accept(name, kind)
  }

  /** Within the folder of the content, which holds the one file or folder that is shared. Throws as `acceptName`. */
  within({ name, kind }: UploadRecord, path: string): string {
    if (kind === 'folder') {
      // Before the name stands in front: the whole may be longer than what is in the share.
      this.#judge().accept(path, 'file')
      return `${name}/${path}`
    }
    if (path !== '') throw new ShoalError('ERR_OPTIONS_INVALID', 'a single file has no path in its upload')
    return name
  }

  #judge(): PathJudge {
    return new PathJudge({ platform: this.#platform, folding: 'none' })
  }
}
