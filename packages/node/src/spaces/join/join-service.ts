/** Joining spaces and letting others into them, of one node. */
import { isShoalError, ShoalError } from '../../errors.ts'
import type { JoinedEvent, JoinEvent, JoiningEvent, SpaceRequest, WarningEvent } from '../../events.ts'
import type { Channel } from '../../network/channel.ts'
import { withDeadline } from '../../network/deadline.ts'
import type { Host } from '../../network/host.ts'
import { delay, type Seams } from '../../util/seams.ts'
import { toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { MIN_PREFIX_LENGTH } from '../host/limits.ts'
import type { SpaceHost } from '../host/space-host.ts'
import { isInviteOver, parseInvite, type Invite } from '../invites/invite-link.ts'
import { Admitter } from './admitter.ts'
import { askToJoin } from './joiner.ts'
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, MAX_JOINS } from './limits.ts'
import { reach, type ReachInit } from './reach.ts'
import { Refusals } from './refusals.ts'
import { JoinRequests, type WaitingRequest } from './requests.ts'
import { sentName } from './shown-name.ts'
import type { SpaceRefusal } from '../host/answers.ts'

export interface JoinServiceInit extends Pick<ReachInit, 'network'> {
  readonly host: Pick<SpaceHost, 'call'>
  readonly net: ReachInit['net'] & Pick<Host, 'peerId'>
  readonly seams: Seams
  /** Whether there is any space in the home. */
  readonly hasSpaces: () => Promise<boolean>
  /** What this device calls itself where nothing else is said. */
  readonly deviceName: () => string
  /** Told of all devices that ask to be let into a space, when one more does or one less. */
  readonly onRequests: (space: string, requests: readonly SpaceRequest[]) => void
  readonly onWarning: (warning: WarningEvent) => void
}

export interface JoinGiven {
  readonly name?: string | undefined
  readonly waitMs: number
  readonly onEvent?: ((event: JoinEvent) => void) | undefined
  readonly signal: AbortSignal
}

export class JoinService {
  readonly #init: JoinServiceInit
  readonly #requests: JoinRequests
  readonly #admitter: Admitter
  readonly #refusals: Refusals
  readonly #joining = new Set<Hex>()

  constructor(init: JoinServiceInit) {
    this.#init = init
    this.#refusals = new Refusals(init.onWarning)
    this.#requests = new JoinRequests((space) => init.onRequests(space, this.#requests.list(space)))
    this.#admitter = new Admitter({
      ...init,
      peerId: init.net.peerId,
      requests: this.#requests,
      onFailedComparison: (_space, invite) => void this.#refusals.count(invite),
    })
  }

  /** Answers who asks to be let into a space; whether there is one is told only to who was invited. */
  answer(channel: Channel): void {
    void this.#admitter.answer(channel)
  }

  /**
   * Joins a space, and waits until somebody let this device in.
   *
   * @throws ShoalError as `parseInvite`; ERR_INVITE_OVER, ERR_NO_PROVIDER when nobody is reached within `waitMs`,
   *   ERR_LIMIT; as `SpaceHost.call`
   */
  async join(link: string, given: JoinGiven): Promise<Omit<JoinedEvent, 'type'>> {
    const joined = await this.#join(link, given)
    given.onEvent?.({ type: 'joined', ...joined })
    return joined
  }

  async #join(link: string, given: JoinGiven): Promise<Omit<JoinedEvent, 'type'>> {
    const invite = parseInvite(link)
    const id = toHex(invite.space)
    const before = (await this.#init.hasSpaces()) ? await this.#summary(id) : undefined
    if (before !== undefined && before.role !== null) return { id, name: before.name, isNew: false }
    if (isInviteOver(invite.hints, this.#init.seams.clock.now()))
      throw new ShoalError('ERR_INVITE_OVER', 'this invitation has expired')
    if (this.#joining.has(id)) throw new ShoalError('ERR_LIMIT', 'this device is joining that space already')
    if (this.#joining.size >= MAX_JOINS)
      throw new ShoalError('ERR_LIMIT', `this device is joining ${MAX_JOINS} spaces already`)
    this.#joining.add(id)
    try {
      await this.#ask(link, invite, given)
    } finally {
      this.#joining.delete(id)
    }
    const after = await this.#summary(id)
    return { id, name: after?.name ?? '', isNew: true }
  }

  /** Devices that wait to be let into a space, in the order in which they asked. @throws ShoalError ERR_SPACE_UNKNOWN */
  async requests(space: Hex): Promise<SpaceRequest[]> {
    await this.#known(space)
    return this.#requests.list(space)
  }

  /**
   * Lets a device in whose code is the same there.
   *
   * @throws ShoalError ERR_NOT_IN_SPACE when none asks so; as `approve` of space-invites.ts
   */
  async approve(space: Hex, ref: string): Promise<void> {
    const request = await this.#find(space, ref)
    // Whoever says it twice is answered twice.
    request.approving ??= this.#approve(request)
    await request.approving
  }

  /** Does not let a device in. @throws ShoalError ERR_NOT_IN_SPACE when none asks so */
  async refuse(space: Hex, ref: string): Promise<SpaceRefusal> {
    const request = await this.#find(space, ref)
    if (request.approving !== undefined) throw nobody()
    request.comparison.decide(false)
    this.#requests.delete(request)
    request.decided.resolve('refused')
    return this.#refusals.count(request.shown.invite)
  }

  /** Ends all conversations. */
  stop(): void {
    this.#admitter.stop()
  }

  async #approve(request: WaitingRequest): Promise<void> {
    const { space, asked, comparison, decided } = request
    try {
      await this.#init.host.call('approve', { space, ...asked })
    } catch (error) {
      if (isShoalError(error, 'ERR_INVITE_OVER')) decided.resolve('over')
      else delete request.approving
      throw error
    }
    comparison.decide(true)
    this.#requests.delete(request)
    decided.resolve('approved')
  }

  async #find(space: Hex, ref: string): Promise<WaitingRequest> {
    await this.#known(space)
    const ids = this.#requests.list(space).map(({ id }) => id)
    const meant = ids.filter((id) => id === ref || (ref.length >= MIN_PREFIX_LENGTH && id.startsWith(ref)))
    const [only] = meant
    const request = only === undefined || meant.length > 1 ? undefined : this.#requests.get(space, only)
    if (request === undefined) throw nobody()
    return request
  }

  async #known(space: Hex): Promise<void> {
    await this.#init.host.call('members', { space })
  }

  async #summary(space: Hex): Promise<{ readonly name: string; readonly role: string | null } | undefined> {
    const summary = await this.#init.host.call('summary', { space })
    if (summary !== undefined && summary.fault !== null) throw ShoalError.fromJSON(summary.fault)
    return summary
  }

  /** Asks until it is decided, also when the connection breaks or the other device is started anew. */
  async #ask(link: string, invite: Invite, { name, waitMs, onEvent, signal }: JoinGiven): Promise<void> {
    const { host, net, seams, deviceName } = this.#init
    const { clock, timers } = seams
    const begunMs = clock.monotonic()
    const tell = (state: JoiningEvent['state'], code: string | null = null): void =>
      onEvent?.({ type: 'joining', state, name: invite.hints.name ?? '', code })
    let isReached = false
    let pauseMs = FIRST_RETRY_MS
    tell('searching')
    for (;;) {
      const leftMs = isReached || waitMs === 0 ? Infinity : waitMs - (clock.monotonic() - begunMs)
      let wasTold = false
      try {
        // oxlint-disable-next-line no-await-in-loop -- Once more when it broke.
        const channel = await this.#reach(invite, leftMs, signal)
        isReached = true
        tell('asking')
        wasTold = true
        const onCode = (code: string): void => {
          pauseMs = FIRST_RETRY_MS
          tell('comparing', code)
        }
        const init = { host, seams, peerId: net.peerId, link, invite, onCode }
        // oxlint-disable-next-line no-await-in-loop -- As above.
        await askToJoin(channel, { ...init, name: sentName(name ?? deviceName()) }, signal)
        return
      } catch (error) {
        signal.throwIfAborted()
        if (!isShoalError(error, 'ERR_NO_PROVIDER')) throw error
        if (!isReached && leftMs <= pauseMs) throw error
      }
      if (wasTold) tell('searching')
      // oxlint-disable-next-line no-await-in-loop -- As above.
      await delay(timers, pauseMs, signal)
      pauseMs = Math.min(2 * pauseMs, LONGEST_RETRY_MS)
    }
  }

  async #reach({ hints }: Invite, withinMs: number, signal: AbortSignal): Promise<Channel> {
    if (withinMs === Infinity) return await reach(this.#init, hints, signal)
    const { timers } = this.#init.seams
    return await withDeadline(timers, Math.max(withinMs, 1), signal, (ends) => reach(this.#init, hints, ends))
  }
}

function nobody(): ShoalError {
  return new ShoalError('ERR_NOT_IN_SPACE', 'no device asks to be let in by that id, or more than one', {
    hint: 'See who asks: shoal space approve SPACE',
  })
}
