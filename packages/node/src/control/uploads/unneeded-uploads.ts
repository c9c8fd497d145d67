/** Uploads that nobody needs: given up by who began them, or left behind by their shares. */
import type { Evictable, Evictor } from '../../store/quota/parts.ts'
import { uploadUnit } from '../../store/quota/unit.ts'
import type { Seams } from '../../util/seams.ts'
import type { Holds } from './holds.ts'
import { UPLOAD_KEPT_MS, UPLOAD_RESTING_MS } from './limits.ts'
import type { FoundUpload, UploadRecords } from './upload-records.ts'

export interface UnneededUploadsInit {
  readonly records: UploadRecords
  readonly holds: Holds
  readonly seams: Pick<Seams, 'clock'>
  readonly isShared: (root: string) => Promise<boolean>
  readonly hasShares: (unit: string) => Promise<boolean>
  /** Ids of those that are not shared yet. */
  readonly openIds: () => Promise<ReadonlySet<string>>
  readonly remove: (id: string) => Promise<void>
}

export class UnneededUploads implements Evictor {
  readonly #init: UnneededUploadsInit

  constructor(init: UnneededUploadsInit) {
    this.#init = init
  }

  /** Removes all that are left since a week. What cannot be removed is left for the next time. */
  async clear(): Promise<void> {
    for (const id of await this.#init.records.ids().catch(() => [])) {
      await this.#removeUnneeded(id, UPLOAD_KEPT_MS).catch(() => {})
    }
  }

  /** Those that nobody goes on with, left longest ago first. */
  async *evictable(): AsyncGenerator<Evictable> {
    const { records, holds, openIds } = this.#init
    const open = await Promise.all([...(await openIds())].map((id) => records.look(id)))
    for (const upload of open.toSorted((a, b) => a.changedMs - b.changedMs)) {
      const { id } = upload
      if (holds.isHeld(id) || (await this.#isNeeded(upload, UPLOAD_RESTING_MS))) continue
      yield { unit: uploadUnit(id), evict: () => this.#removeUnneeded(id, UPLOAD_RESTING_MS) }
    }
  }

  /** False: somebody needs it. */
  async #removeUnneeded(id: string, restingMs: number): Promise<boolean> {
    const { records, holds, remove } = this.#init
    const free = holds.claim(id)
    if (free === undefined) return false
    try {
      if (await this.#isNeeded(await records.look(id), restingMs)) return false
      await remove(id)
      return true
    } finally {
      free()
    }
  }

  /** @param restingMs after which one that nobody goes on with is given up */
  async #isNeeded({ id, record, changedMs }: FoundUpload, restingMs: number): Promise<boolean> {
    const { seams, isShared, hasShares } = this.#init
    if (record?.root === undefined && seams.clock.now() - changedMs < restingMs) return true
    if (record?.root !== undefined && (await isShared(record.root))) return true
    // A process may have died before it was noted as which share it is.
    return await hasShares(uploadUnit(id))
  }
}
