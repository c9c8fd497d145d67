/** Hands in over the control API what lies at no path, as a browser has it: resumable, piece by piece. */
import type { ShareEvent } from '../events.ts'
import { queryOf } from './query.ts'
import type { ShareUploadRequest } from './schemas.ts'
import type { SocketTransport } from './socket-transport.ts'
import type { Piece } from './uploads/upload-files.ts'
import type { BegunUpload, Upload } from './uploads/uploads.ts'

interface Offset {
  readonly offset: number
}

export class UploadClient {
  readonly #transport: SocketTransport

  constructor(transport: SocketTransport) {
    this.#transport = transport
  }

  /**
   * Begins to hand in what lies at no path, or goes on with it.
   *
   * @param id a UUID, by which it is found again
   * @throws ShoalError as `Uploads.begin`
   */
  async begin(id: string, upload: BegunUpload): Promise<Upload> {
    return await this.#transport.ask('PUT', `/v1/uploads/${id}`, upload)
  }

  /** How many bytes of a file are there. @param path of a single file: empty @throws ShoalError as `Uploads.offsetOf` */
  async offsetOf(id: string, path: string): Promise<number> {
    const query = queryOf({ path })
    return (await this.#transport.ask<Offset>('GET', `/v1/uploads/${id}/content?${query}`)).offset
  }

  /** Hands in the next piece of a file; returns how many bytes are there. @throws ShoalError as `Uploads.append` */
  async append(id: string, piece: Piece, source: AsyncIterable<Uint8Array>): Promise<number> {
    const path = `/v1/uploads/${id}/content?${queryOf(piece)}`
    return (await this.#transport.ask<Offset>('PATCH', path, source)).offset
  }

  /** @throws ShoalError as `Uploads.makeFolder` */
  async makeFolder(id: string, path: string): Promise<void> {
    await this.#transport.ask('POST', `/v1/uploads/${id}/folders`, { path })
  }

  /** Shares what was handed in, as `ControlClient.keepShare` does what lies at a path. @throws ShoalError ERR_NO_UPLOAD, as that */
  share(id: string, body: ShareUploadRequest, key: string, signal: AbortSignal): AsyncGenerator<ShareEvent> {
    return this.#transport.operate<ShareEvent>(`/v1/uploads/${id}/share`, body, signal, key)
  }

  /** Removes what was handed in and is not shared. @throws ShoalError ERR_NO_UPLOAD */
  async drop(id: string): Promise<void> {
    await this.#transport.ask('DELETE', `/v1/uploads/${id}`)
  }
}
