/** Follows who gets one root, from when it begins until it ends: session by session and block by block. */
import type { BlockKinds, ContentSource } from '../../store/content-source.ts'
import type { Clock } from '../../util/seams.ts'
import { Receivers, type ReceiversFacts } from './receivers.ts'
import type { Session } from '../wire/session.ts'
import type { UploadService } from './upload-service.ts'

export interface ReceiverWatchInit {
  readonly source: Pick<ContentSource, 'root'> & BlockKinds
  readonly uploads: Pick<UploadService, 'onSession' | 'onBlock'>
  readonly clock: Clock
}

export class ReceiverWatch {
  /** Told when there is something new. */
  onChange: (() => void) | undefined
  readonly #init: ReceiverWatchInit
  readonly #cleanUps: (() => void)[] = []
  #receivers: Receivers | undefined

  constructor(init: ReceiverWatchInit) {
    this.#init = init
  }

  /** Those that are connected already are followed from now on. */
  begin(): void {
    const { uploads, source } = this.#init
    this.#cleanUps.push(uploads.onSession(source.root, (session) => this.#follow(session)))
  }

  /** Undefined while nobody came. */
  facts(): ReceiversFacts | undefined {
    return this.#receivers?.facts()
  }

  end(): void {
    this.onChange = undefined
    for (const step of this.#cleanUps.splice(0)) step()
  }

  #follow(session: Session): void {
    if (this.#receivers === undefined) {
      const { source, uploads, clock } = this.#init
      const receivers = new Receivers({ source, clock, onChange: () => this.onChange?.() })
      this.#receivers = receivers
      const root = source.root.toString()
      // Of a share that nobody comes for, nobody needs to hear of each block that is sent of others.
      this.#cleanUps.push(
        uploads.onBlock((of, peer, block, bytes) => of === root && receivers.sent(peer, block, bytes)),
      )
    }
    this.#receivers.follow(session)
  }
}
