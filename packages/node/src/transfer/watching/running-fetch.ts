/** A fetch that runs, as it is looked at from outside. It is told where to look, and nothing is done until somebody asks. */
import type { Entry } from '../../content/entry.ts'
import type { FetchSource, SourcesEvent } from '../../events.ts'
import type { ContentBlocks } from '../../store/content-blocks.ts'
import { Bitmap } from '../../store/bitmap.ts'
import { WANTED, type Fates } from '../../store/fate.ts'
import { RateMeter } from '../../util/rate.ts'
import type { Clock } from '../../util/seams.ts'
import type { Scheduler } from '../scheduling/scheduler.ts'
import type { SwarmFacts } from '../swarm/swarm-init.ts'
import type { SwarmMember } from '../swarm/swarm-member.ts'
import { coverageOf, type Bits, type Coverage } from './coverage.ts'
import { hindranceOf, type FetchPhase, type Hindrance } from './hindrance.ts'
import { MAX_TOLD_SOURCES, SOURCES_INTERVAL_MS } from './limits.ts'

/** What is got, and what of it is here. */
export interface WatchedContent {
  readonly entries: readonly Pick<Entry, 'kind'>[]
  readonly blocks: Pick<ContentBlocks, 'count' | 'blocksOf'>
  readonly fates: Pick<Fates, 'of' | 'replacing'>
  readonly here: Bits
  /** Content bytes that are still to come. */
  readonly missing: () => number
}

export interface RunningFetchInit {
  readonly root: string
  /** Absolute path. */
  readonly directory: string
  readonly clock: Clock
  readonly isOffline: () => boolean
}

export class RunningFetch {
  readonly root: string
  readonly #init: RunningFetchInit
  #phase: FetchPhase = 'asking'
  #search: { readonly facts: () => SwarmFacts } | undefined
  #content: WatchedContent | undefined
  #scheduler: Pick<Scheduler, 'facts'> | undefined
  readonly #meters = new WeakMap<SwarmMember, RateMeter>()
  #wanted: { readonly bits: Bitmap; readonly replaced: number } | undefined
  #last: { readonly atMs: number; readonly event: SourcesEvent } | undefined

  constructor(init: RunningFetchInit) {
    this.#init = init
    this.root = init.root
  }

  enter(phase: FetchPhase): void {
    this.#phase = phase
  }

  /** Who looks for devices that have it. */
  follow(search: { readonly facts: () => SwarmFacts }): void {
    this.#search = search
  }

  gets(content: WatchedContent): void {
    this.#content = content
  }

  /** Who asks for blocks; undefined: nobody now. */
  asks(scheduler: Pick<Scheduler, 'facts'> | undefined): void {
    this.#scheduler = scheduler
  }

  /** Why it waits or is slow; undefined: nothing keeps it. */
  hindrance(): Hindrance | undefined {
    const swarm = this.#search?.facts()
    if (swarm === undefined) return undefined
    const { clock, isOffline } = this.#init
    return hindranceOf({
      phase: this.#phase,
      swarm,
      blocks: this.#scheduler?.facts(),
      missing: this.#content?.missing() ?? 0,
      isOffline,
      nowMs: clock.monotonic(),
      wallMs: clock.now(),
    })
  }

  /** Who gives it what it brings, as of a second ago at most. */
  sources(): SourcesEvent {
    const nowMs = this.#init.clock.monotonic()
    if (this.#last !== undefined && nowMs - this.#last.atMs < SOURCES_INTERVAL_MS) return this.#last.event
    const event = this.#look()
    this.#last = { atMs: nowMs, event }
    return event
  }

  #look(): SourcesEvent {
    const { root, directory } = this.#init
    const { members = [], dialled = [] } = this.#search?.facts() ?? {}
    const wanted = this.#wantedBlocks()
    const claims = members.map(({ requester }) => requester.availability)
    const coverage =
      this.#content === undefined || wanted === undefined
        ? undefined
        : coverageOf({ wanted, here: this.#content.here, claims })
    const connected = members
      .map((member, at) => this.#sourceOf(member, at, wanted?.size ?? 0, coverage))
      .toSorted((a, b) => b.bytes - a.bytes)
    const ids = new Set(connected.map(({ id }) => id))
    const connecting = dialled.flatMap(({ source, lead }): FetchSource[] => {
      const { peerId } = lead
      if (peerId === undefined || ids.has(peerId)) return []
      ids.add(peerId)
      return [
        {
          id: peerId,
          name: null,
          foundBy: source.name,
          state: 'connecting',
          has: null,
          alone: 0,
          bytes: 0,
          rate: 0,
          direct: null,
          since: null,
        },
      ]
    })
    return {
      type: 'sources',
      root,
      directory,
      blocks: wanted?.size ?? null,
      here: coverage?.here ?? 0,
      available: coverage?.available ?? 0,
      single: coverage?.single ?? 0,
      sources: [...connected, ...connecting].slice(0, MAX_TOLD_SOURCES),
    }
  }

  #sourceOf(member: SwarmMember, at: number, wanted: number, coverage: Coverage | undefined): FetchSource {
    const { peer, requester, session, foundBy, sinceMs } = member
    const { clock } = this.#init
    const { verifiedBytes: bytes, availability } = requester
    let meter = this.#meters.get(member)
    if (meter === undefined) {
      meter = new RateMeter(clock)
      this.#meters.set(member, meter)
    }
    const isKnown = coverage !== undefined && wanted > 0 && availability.hasAny
    return {
      id: peer,
      name: null,
      foundBy,
      state: stateOf(member),
      has: isKnown ? (coverage.has[at] ?? 0) / wanted : null,
      alone: coverage?.alone[at] ?? 0,
      bytes,
      rate: meter.rate(bytes),
      direct: session.isDirect,
      since: Math.round(clock.now() - (clock.monotonic() - sinceMs)),
    }
  }

  /** What was asked for, found out once, and anew when a file turns out to be another than it was taken for. */
  #wantedBlocks(): Bitmap | undefined {
    if (this.#content === undefined) return undefined
    const { entries, blocks, fates } = this.#content
    const replaced = fates.replacing.size
    if (this.#wanted?.replaced !== replaced) {
      const bits = new Bitmap(blocks.count)
      for (const [entry, fate] of fates.of.entries()) {
        if (fate !== WANTED || entries[entry]?.kind !== 'file') continue
        const { first, count } = blocks.blocksOf(entry)
        for (let block = first; block < first + count; block++) bits.add(block)
      }
      this.#wanted = { bits, replaced }
    }
    return this.#wanted?.bits
  }
}

function stateOf({ requester, isBusy, running }: SwarmMember): FetchSource['state'] {
  if (isBusy) return 'busy'
  if (requester.outstanding === 0 && running === 0) return 'idle'
  return requester.answers > 0 ? 'giving' : 'asking'
}
