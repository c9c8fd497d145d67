/**
 * The spaces of a home over the control API, as a program has them in its own process: the same interface, the same options and
 * errors. Paths on the disk are made absolute here.
 */
import { resolve } from 'node:path'
import type { AddStreamEvent, GetStreamEvent, JoinEvent, ListedEvent, MatchesEvent } from '../../events.ts'
import { OPERATION_OPTIONS, type Operation } from '../../operation-options.ts'
import type { SpaceHandle, Spaces } from '../../shoal-spaces.ts'
import type {
  SpaceChange,
  SpaceCheck,
  SpaceEntry,
  SpaceEvent,
  SpaceInvitation,
  SpaceInviteLink,
  SpaceMatches,
  SpaceMember,
  SpaceRefusal,
  SpaceRequest,
  SpaceRole,
  SpaceSummary,
} from '../../spaces/host/answers.ts'
import type { GotEntry } from '../../spaces/host/space-files.ts'
import type {
  AddToSpaceOptions,
  GetFromSpaceOptions,
  InviteToSpaceOptions,
  JoinSpaceOptions,
  ListSpaceOptions,
  SearchSpaceOptions,
  SpaceHistoryOptions,
  SpaceOptions,
} from '../../spaces/host/space-options.ts'
import { checkKind, checkOptions } from '../../util/option-kinds.ts'
import { ended, type SocketTransport } from '../socket-transport.ts'
import { SpaceTransport, asked } from './space-transport.ts'

type Texts = string | readonly string[]

export class SpacesClient implements Spaces {
  readonly #transport: SpaceTransport

  constructor(transport: SocketTransport) {
    this.#transport = new SpaceTransport(transport)
  }

  async create(name: string, options: SpaceOptions = {}): Promise<SpaceHandle> {
    const signal = signalOf('space', options)
    return this.#handle(await this.#transport.ask('POST', '/v1/spaces', { name }, signal))
  }

  async list(options: SpaceOptions = {}): Promise<SpaceSummary[]> {
    return await this.#transport.ask('GET', '/v1/spaces', undefined, signalOf('space', options))
  }

  async open(ref: string, options: SpaceOptions = {}): Promise<SpaceHandle> {
    const signal = signalOf('space', options)
    return this.#handle(
      await this.#transport.ask('GET', asked('/v1/spaces/find', { ref }), undefined, signal),
    )
  }

  async join(link: string, options: JoinSpaceOptions = {}): Promise<SpaceHandle> {
    checkKind('link', link, 'text')
    const { onEvent, signal: _signal, ...more } = options
    const signal = signalOf('spaceJoin', options)
    const body = { ...more, link }
    for await (const event of this.#transport.operate<JoinEvent>('/v1/spaces/join', body, signal)) {
      onEvent?.(event)
      if (event.type === 'joined') return this.#handle(event)
    }
    throw ended()
  }

  #handle({ id, name }: Pick<SpaceHandle, 'id' | 'name'>): SpaceHandle {
    return new SpaceClient(id, name, this.#transport)
  }
}

class SpaceClient implements SpaceHandle {
  readonly id: string
  readonly name: string
  readonly #transport: SpaceTransport

  constructor(id: string, name: string, transport: SpaceTransport) {
    this.id = id
    this.name = name
    this.#transport = transport
  }

  async add(paths: Texts, options: AddToSpaceOptions = {}): Promise<SpaceChange> {
    const signal = signalOf('spaceAdd', options)
    const { at, tags, onEvent } = options
    const body = { paths: listed(paths).map((path) => resolve(path)), at, tags }
    for await (const event of this.#transport.operate<AddStreamEvent>(this.#path('add'), body, signal)) {
      if (event.type !== 'added') onEvent?.(event)
      else return { batches: event.batches, entries: event.entries }
    }
    throw ended()
  }

  list(options: ListSpaceOptions = {}): AsyncGenerator<SpaceEntry> {
    const signal = signalOf('spaceList', options)
    const { query, under, limit } = options
    const most = limit === Infinity ? undefined : limit
    return this.#entries(asked(this.#path('entries'), { query, under, limit: most }), signal)
  }

  async search(query: string, options: SearchSpaceOptions = {}): Promise<SpaceMatches> {
    const signal = signalOf('spaceSearch', options)
    return await this.#transport.ask('GET', this.#searched('search', query, options), undefined, signal)
  }

  watch(query: string, options: SearchSpaceOptions = {}): AsyncGenerator<SpaceMatches> {
    const signal = signalOf('spaceSearch', options)
    return this.#matches(this.#searched('watch', query, options), signal)
  }

  async get(paths: Texts, options: GetFromSpaceOptions = {}): Promise<GotEntry[]> {
    const signal = signalOf('spaceGet', options)
    const { onEvent, signal: _signal, directory = '.', ...more } = options
    const body = { ...more, paths: listed(paths), directory: resolve(directory) }
    const got: GotEntry[] = []
    for await (const event of this.#transport.operate<GetStreamEvent>(this.#path('get'), body, signal)) {
      if (event.type !== 'got') onEvent?.(event)
      else got.push({ path: event.path, file: event.file, bytes: event.bytes })
    }
    return got
  }

  async move(from: string, to: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('move', { from, to }, options)
  }

  async remove(paths: Texts, options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('remove', { paths: listed(paths) }, options)
  }

  async restore(paths: Texts, options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('restore', { paths: listed(paths) }, options)
  }

  async tag(paths: Texts, tags: readonly string[], options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('tag', { paths: listed(paths), tags }, options)
  }

  async untag(paths: Texts, tags: readonly string[], options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('untag', { paths: listed(paths), tags }, options)
  }

  async note(path: string, text: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('note', { path, text }, options)
  }

  async title(path: string, text: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('title', { path, text }, options)
  }

  async history(path?: string, options: SpaceHistoryOptions = {}): Promise<SpaceEvent[]> {
    const signal = signalOf('spaceHistory', options)
    const query = asked(this.#path('history'), { path, limit: options.limit })
    return await this.#transport.ask('GET', query, undefined, signal)
  }

  async undo(batch?: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    return await this.#change('undo', { batch }, options)
  }

  async members(options: SpaceOptions = {}): Promise<SpaceMember[]> {
    const signal = signalOf('space', options)
    return await this.#transport.ask('GET', this.#path('members'), undefined, signal)
  }

  async setRole(member: string, role: SpaceRole, options: SpaceOptions = {}): Promise<void> {
    const signal = signalOf('space', options)
    await this.#transport.ask('PATCH', this.#path('members'), { member, role }, signal)
  }

  async removeMember(member: string, options: SpaceOptions = {}): Promise<void> {
    const signal = signalOf('space', options)
    await this.#transport.ask('DELETE', asked(this.#path('members'), { member }), undefined, signal)
  }

  async leave(options: SpaceOptions = {}): Promise<void> {
    await this.#transport.ask('POST', this.#path('leave'), undefined, signalOf('space', options))
  }

  async invite(options: InviteToSpaceOptions = {}): Promise<SpaceInviteLink> {
    const { signal: _signal, ...body } = options
    const signal = signalOf('spaceInvite', options)
    return await this.#transport.ask('POST', this.#path('invitations'), body, signal)
  }

  async invitations(options: SpaceOptions = {}): Promise<SpaceInvitation[]> {
    const signal = signalOf('space', options)
    return await this.#transport.ask('GET', this.#path('invitations'), undefined, signal)
  }

  async revokeInvite(id: string, options: SpaceOptions = {}): Promise<void> {
    const signal = signalOf('space', options)
    const query = asked(this.#path('invitations'), { invitation: id })
    await this.#transport.ask('DELETE', query, undefined, signal)
  }

  async requests(options: SpaceOptions = {}): Promise<SpaceRequest[]> {
    const signal = signalOf('space', options)
    return await this.#transport.ask('GET', this.#path('requests'), undefined, signal)
  }

  async approve(request: string, options: SpaceOptions = {}): Promise<void> {
    const signal = signalOf('space', options)
    await this.#transport.ask('POST', this.#path('requests'), { request }, signal)
  }

  async refuse(request: string, options: SpaceOptions = {}): Promise<SpaceRefusal> {
    const signal = signalOf('space', options)
    const query = asked(this.#path('requests'), { request })
    return await this.#transport.ask('DELETE', query, undefined, signal)
  }

  async check(options: SpaceOptions = {}): Promise<SpaceCheck> {
    return await this.#transport.ask('GET', this.#path('check'), undefined, signalOf('space', options))
  }

  #path(what: string): string {
    return `/v1/spaces/${this.id}/${what}`
  }

  #searched(what: string, query: string, { under, limit }: SearchSpaceOptions): string {
    checkKind('query', query, 'text')
    return asked(this.#path(what), { query, under, limit })
  }

  async #change(name: string, body: object, options: SpaceOptions): Promise<SpaceChange> {
    return await this.#transport.ask('POST', this.#path(name), body, signalOf('space', options))
  }

  async *#entries(path: string, signal: AbortSignal | undefined): AsyncGenerator<SpaceEntry> {
    for await (const { entry } of this.#transport.tell<ListedEvent>(path, signal)) yield entry
  }

  async *#matches(path: string, signal: AbortSignal | undefined): AsyncGenerator<SpaceMatches> {
    for await (const { type: _, ...matches } of this.#transport.tell<MatchesEvent>(path, signal))
      yield matches
  }
}

/** The signal of options, once they are what they should be. @throws ShoalError ERR_OPTIONS_INVALID */
function signalOf(operation: Operation, options: SpaceOptions): AbortSignal | undefined {
  checkOptions<object>(options, OPERATION_OPTIONS[operation])
  return options.signal
}

/** @throws ShoalError ERR_OPTIONS_INVALID */
function listed(paths: Texts): readonly string[] {
  checkKind('paths', paths, typeof paths === 'string' ? 'text' : 'texts')
  return typeof paths === 'string' ? [paths] : paths
}
