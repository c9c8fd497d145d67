/**
 * Carries messages of membership: one stream of `/shoal/space-probe/1` to each member that is spoken to, kept open while it is
 * used. A stream is taken only of a peer that has proved to be a member of that space; anybody else gets the same answer for
 * a space that is here and for one that is not.
 */
import { ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import { withDeadline } from '../../network/deadline.ts'
import type { Host } from '../../network/host.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { IDLE_STREAM_MS, MAX_STREAMS, MAX_WAITING_FRAMES, OPEN_MS } from './limits.ts'
import { ProbeStream } from './probe-stream.ts'

export const PROBE_PROTOCOL = '/shoal/space-probe/1'

/** One space on it. */
export interface ProbedSpace {
  /** Id, 32 bytes. */
  readonly space: Uint8Array
  /** The member that a connected peer has proved to be. */
  readonly proven: (peerId: string) => Hex | undefined
  /** Connects to a member and proves each to the other, unless that is done. @returns its peer id */
  readonly reach: (member: Hex, signal: AbortSignal) => Promise<string>
  /** Throws ERR_PROTOCOL when it is none: the stream ends. */
  readonly onMessage: (member: Hex, message: Uint8Array) => void
  /** What was sent to this member last did not get there. */
  readonly onFailed: (member: Hex) => void
}

export interface ProbeTransportInit {
  readonly host: Pick<Host, 'open' | 'speak'>
  readonly seams: Pick<Seams, 'clock' | 'timers'>
}

/** Between a space and a member. */
interface Line {
  /** What waits for the stream; undefined: none is being opened. */
  waiting: Uint8Array[] | undefined
  /** The newest last: each side may have opened one. */
  readonly streams: Set<ProbeStream>
}

export class ProbeTransport {
  readonly #init: ProbeTransportInit
  readonly #spaces = new Map<string, ProbedSpace>()
  readonly #lines = new Map<string, Line>()
  /** All streams, in the order in which they came. */
  readonly #streams = new Set<ProbeStream>()
  readonly #stop = new AbortController()
  #timer: TimerHandle | undefined

  constructor(init: ProbeTransportInit) {
    this.#init = init
  }

  /** Begins to answer. Rejects as `Host.speak` does. */
  async start(): Promise<void> {
    await this.#init.host.speak(PROBE_PROTOCOL, (channel) => this.#answer(channel))
    this.#sweepLater()
  }

  stop(): void {
    this.#stop.abort()
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer)
    for (const stream of this.#streams) stream.close()
    this.#spaces.clear()
    this.#lines.clear()
  }

  /** @returns sends a message of this space to a member; what cannot be sent is reported by `onFailed`, later */
  join(space: ProbedSpace): (member: Hex, message: Uint8Array) => void {
    const id = toHex(space.space)
    this.#spaces.set(id, space)
    return (member, message) => this.#send(space, lineKey(id, member), member, message)
  }

  leave(space: Uint8Array): void {
    const id = toHex(space)
    this.#spaces.delete(id)
    for (const [key, { streams }] of this.#lines) {
      if (!key.startsWith(id)) continue
      this.#lines.delete(key)
      for (const stream of streams) stream.close()
    }
  }

  #send(space: ProbedSpace, key: string, member: Hex, message: Uint8Array): void {
    if (this.#stop.signal.aborted || !this.#spaces.has(toHex(space.space))) return
    const line = this.#line(key)
    for (const stream of [...line.streams].toReversed()) if (stream.send(message)) return
    if (line.waiting !== undefined) {
      if (line.waiting.length < MAX_WAITING_FRAMES) line.waiting.push(message)
      return
    }
    line.waiting = [message]
    void this.#open(space, key, line, member)
  }

  /** Does not reject. */
  async #open(space: ProbedSpace, key: string, line: Line, member: Hex): Promise<void> {
    const { host, seams } = this.#init
    try {
      const channel = await withDeadline(seams.timers, OPEN_MS, this.#stop.signal, async (signal) =>
        host.open(await space.reach(member, signal), PROBE_PROTOCOL, signal),
      )
      const messages = line.waiting ?? []
      line.waiting = undefined
      if (space.proven(channel.remoteName) !== member || this.#lines.get(key) !== line) {
        channel.abort(new ShoalError('ERR_PROTOCOL', 'another peer than the member'))
        return
      }
      const stream = this.#stream(channel, space.space, () => ({ space, member, key }))
      line.streams.add(stream)
      for (const message of messages) stream.send(message)
    } catch {
      line.waiting = undefined
      this.#forgetIfIdle(key)
      if (!this.#stop.signal.aborted) space.onFailed(member)
    }
  }

  #answer(channel: Channel): void {
    let found: { space: ProbedSpace; member: Hex; key: string } | undefined
    const stream = this.#stream(
      channel,
      undefined,
      () => found,
      (id) => {
        const space = this.#spaces.get(toHex(id))
        const member = space?.proven(channel.remoteName)
        if (space === undefined || member === undefined)
          throw new ShoalError('ERR_PROTOCOL', 'not a member of this space')
        const key = lineKey(toHex(id), member)
        found = { space, member, key }
        const { streams } = this.#line(key)
        // Of those that the other side opened the newer stands: it has given up the older.
        for (const older of streams) if (older.isTheirs) older.close()
        this.#line(key).streams.add(stream)
      },
    )
  }

  #stream(
    channel: Channel,
    space: Uint8Array | undefined,
    facts: () => { space: ProbedSpace; member: Hex; key: string } | undefined,
    onSpace: (space: Uint8Array) => void = () => {},
  ): ProbeStream {
    const stream = new ProbeStream(channel, this.#init.seams.clock, space, {
      onSpace,
      onMessage: (message) => {
        const known = facts()
        known?.space.onMessage(known.member, message)
      },
      onEnd: () => {
        this.#streams.delete(stream)
        const known = facts()
        if (known === undefined) return
        this.#lines.get(known.key)?.streams.delete(stream)
        this.#forgetIfIdle(known.key)
      },
    })
    this.#streams.add(stream)
    stream.begin()
    this.#shed()
    return stream
  }

  #line(key: string): Line {
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { waiting: undefined, streams: new Set() }
      this.#lines.set(key, line)
    }
    return line
  }

  #forgetIfIdle(key: string): void {
    const line = this.#lines.get(key)
    if (line !== undefined && line.streams.size === 0 && line.waiting === undefined) this.#lines.delete(key)
  }

  /** Of more streams than there may be the one goes that was not used for longest. */
  #shed(): void {
    if (this.#streams.size <= MAX_STREAMS) return
    const [oldest] = [...this.#streams].toSorted((a, b) => a.usedMs - b.usedMs)
    oldest?.close()
  }

  #sweepLater(): void {
    this.#timer = this.#init.seams.timers.set(() => {
      this.#sweepLater()
      const nowMs = this.#init.seams.clock.monotonic()
      for (const stream of this.#streams) {
        const idleMs = nowMs - stream.usedMs
        if (!stream.isNamed && idleMs > OPEN_MS) stream.abort('no space was named')
        else if (idleMs > IDLE_STREAM_MS) stream.close()
      }
    }, OPEN_MS)
  }
}

function lineKey(space: Hex, member: Hex): string {
  return `${space} ${member}`
}
