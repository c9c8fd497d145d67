/** The facade of spaces: hands each operation, once its options are checked, to the service. */
import type { OperationRuns } from './operation-runs.ts'
import type { SpaceHandle, Spaces } from './shoal-spaces.ts'
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
} from './spaces/host/answers.ts'
import type { CallName, SpaceCalls } from './spaces/host/calls.ts'
import type { GotEntry } from './spaces/host/space-files.ts'
import type {
  AddToSpaceOptions,
  GetFromSpaceOptions,
  InviteToSpaceOptions,
  JoinSpaceOptions,
  ListSpaceOptions,
  SearchSpaceOptions,
  SpaceHistoryOptions,
  SpaceOptions,
} from './spaces/host/space-options.ts'
import type { SpaceService } from './spaces/host/space-service.ts'
import { abortable } from './util/abortable.ts'
import { checkKind } from './util/option-kinds.ts'

const DEFAULT_EVENTS = 100

type Texts = string | readonly string[]

export class RunningSpaces implements Spaces {
  readonly #runs: OperationRuns
  /** What devices hand each other goes through it. */
  readonly service: SpaceService

  constructor(service: SpaceService, runs: OperationRuns) {
    this.service = service
    this.#runs = runs
  }

  async create(name: string, options: SpaceOptions = {}): Promise<SpaceHandle> {
    checkKind('name', name, 'text')
    return this.#handle(await this.#ask('found', { name }, options))
  }

  async list(options: SpaceOptions = {}): Promise<SpaceSummary[]> {
    return this.#ask('list', {}, options)
  }

  async open(ref: string, options: SpaceOptions = {}): Promise<SpaceHandle> {
    checkKind('ref', ref, 'text')
    const summary = await this.#ask('resolve', { ref }, options)
    // Says why, where it cannot be used.
    if (summary.fault !== null) await this.#ask('members', { space: summary.id }, options)
    return this.#handle(summary)
  }

  async join(link: string, options: JoinSpaceOptions = {}): Promise<SpaceHandle> {
    checkKind('link', link, 'text')
    return this.#handle(await this.#runs.run('spaceJoin', options, (given) => this.service.join(link, given)))
  }

  /** What may be done in the space of an id, whether there is one or not: then all of it rejects with ERR_SPACE_UNKNOWN. */
  of(id: string): Omit<SpaceHandle, 'id' | 'name'> {
    return this.#handle({ id, name: '' })
  }

  #handle(named: Pick<SpaceSummary, 'id' | 'name'>): SpaceHandle {
    return new RunningSpace(named, this.service, this.#runs)
  }

  #ask<Name extends CallName>(
    name: Name,
    given: SpaceCalls[Name]['given'],
    options: SpaceOptions,
  ): Promise<SpaceCalls[Name]['answer']> {
    return this.#runs.run('space', options, ({ signal }) => this.service.ask(name, given, signal))
  }
}

class RunningSpace implements SpaceHandle {
  readonly id: string
  readonly name: string
  readonly #service: SpaceService
  readonly #runs: OperationRuns

  constructor({ id, name }: Pick<SpaceSummary, 'id' | 'name'>, service: SpaceService, runs: OperationRuns) {
    this.id = id
    this.name = name
    this.#service = service
    this.#runs = runs
  }

  async add(paths: Texts, options: AddToSpaceOptions = {}): Promise<SpaceChange> {
    checkKind('paths', paths, typeof paths === 'string' ? 'text' : 'texts')
    const at = pathOf(options.at ?? '')
    return this.#runs.run('spaceAdd', options, (given) =>
      this.#service.files.add(this.id, paths, { ...given, at }),
    )
  }

  list(options: ListSpaceOptions = {}): AsyncIterableIterator<SpaceEntry> {
    return this.#runs.each('spaceList', options, (given) =>
      this.#service.list(this.id, { ...given, under: pathOf(given.under ?? '') }),
    )
  }

  async search(query: string, options: SearchSpaceOptions = {}): Promise<SpaceMatches> {
    checkKind('query', query, 'text')
    return this.#runs.run('spaceSearch', options, (given) =>
      this.#service.search(this.id, query, { ...given, under: pathOf(given.under ?? '') }),
    )
  }

  watch(query: string, options: SearchSpaceOptions = {}): AsyncIterableIterator<SpaceMatches> {
    checkKind('query', query, 'text')
    return this.#runs.each('spaceSearch', options, (given) =>
      this.#service.watch(this.id, query, { ...given, under: pathOf(given.under ?? '') }),
    )
  }

  async get(paths: Texts, options: GetFromSpaceOptions = {}): Promise<GotEntry[]> {
    const all = pathsOf(paths)
    return this.#runs.run('spaceGet', options, (given) => this.#service.files.get(this.id, all, given))
  }

  async move(from: string, to: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    return this.#ask('move', { from: pathOf(from, 'from'), to: pathOf(to, 'to') }, options)
  }

  async remove(paths: Texts, options: SpaceOptions = {}): Promise<SpaceChange> {
    return this.#ask('remove', { paths: pathsOf(paths) }, options)
  }

  async restore(paths: Texts, options: SpaceOptions = {}): Promise<SpaceChange> {
    return this.#ask('restore', { paths: pathsOf(paths) }, options)
  }

  async tag(paths: Texts, tags: readonly string[], options: SpaceOptions = {}): Promise<SpaceChange> {
    checkKind('tags', tags, 'texts')
    return this.#ask('tag', { paths: pathsOf(paths), tags }, options)
  }

  async untag(paths: Texts, tags: readonly string[], options: SpaceOptions = {}): Promise<SpaceChange> {
    checkKind('tags', tags, 'texts')
    return this.#ask('untag', { paths: pathsOf(paths), tags }, options)
  }

  async note(path: string, text: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    checkKind('text', text, 'text')
    return this.#ask('note', { path: pathOf(path), text }, options)
  }

  async title(path: string, text: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    checkKind('text', text, 'text')
    return this.#ask('title', { path: pathOf(path), text }, options)
  }

  async history(path?: string, options: SpaceHistoryOptions = {}): Promise<SpaceEvent[]> {
    const of = path === undefined ? undefined : pathOf(path)
    return this.#runs.run('spaceHistory', options, ({ limit = DEFAULT_EVENTS, signal }) =>
      this.#service.ask('history', { space: this.id, path: of, limit }, signal),
    )
  }

  async undo(batch?: string, options: SpaceOptions = {}): Promise<SpaceChange> {
    if (batch !== undefined) checkKind('batch', batch, 'text')
    return this.#ask('undo', { batch }, options)
  }

  async members(options: SpaceOptions = {}): Promise<SpaceMember[]> {
    return this.#ask('members', {}, options)
  }

  async setRole(member: string, role: SpaceRole, options: SpaceOptions = {}): Promise<void> {
    checkKind('member', member, 'text')
    checkKind('role', role, 'text')
    return this.#ask('setRole', { member, role }, options)
  }

  async removeMember(member: string, options: SpaceOptions = {}): Promise<void> {
    checkKind('member', member, 'text')
    return this.#ask('removeMember', { member }, options)
  }

  async leave(options: SpaceOptions = {}): Promise<void> {
    return this.#ask('leave', {}, options)
  }

  async invite(options: InviteToSpaceOptions = {}): Promise<SpaceInviteLink> {
    return this.#runs.run('spaceInvite', options, (given) => this.#service.invite(this.id, given))
  }

  async invitations(options: SpaceOptions = {}): Promise<SpaceInvitation[]> {
    return this.#ask('invitations', {}, options)
  }

  async revokeInvite(id: string, options: SpaceOptions = {}): Promise<void> {
    checkKind('id', id, 'text')
    return this.#ask('revokeInvite', { id }, options)
  }

  async requests(options: SpaceOptions = {}): Promise<SpaceRequest[]> {
    return this.#runs.run('space', options, ({ signal }) =>
      abortable(
        this.#service.peers().then(({ joins }) => joins.requests(this.id)),
        signal,
      ),
    )
  }

  async approve(request: string, options: SpaceOptions = {}): Promise<void> {
    checkKind('request', request, 'text')
    return this.#runs.run('space', options, ({ signal }) =>
      abortable(
        this.#service.peers().then(({ joins }) => joins.approve(this.id, request)),
        signal,
      ),
    )
  }

  async refuse(request: string, options: SpaceOptions = {}): Promise<SpaceRefusal> {
    checkKind('request', request, 'text')
    return this.#runs.run('space', options, ({ signal }) =>
      abortable(
        this.#service.peers().then(({ joins }) => joins.refuse(this.id, request)),
        signal,
      ),
    )
  }

  async check(options: SpaceOptions = {}): Promise<SpaceCheck> {
    return this.#ask('check', {}, options)
  }

  #ask<Name extends CallName>(
    name: Name,
    given: Omit<SpaceCalls[Name]['given'], 'space'>,
    options: SpaceOptions,
  ): Promise<SpaceCalls[Name]['answer']> {
    const call = { ...given, space: this.id } as SpaceCalls[Name]['given']
    return this.#runs.run('space', options, ({ signal }) => this.#service.ask(name, call, signal))
  }
}

/** People and shells end the path of a folder with a slash. */
function pathOf(path: string, name = 'path'): string {
  checkKind(name, path, 'text')
  return path.endsWith('/') ? path.slice(0, -1) : path
}

function pathsOf(paths: Texts): string[] {
  checkKind('paths', paths, typeof paths === 'string' ? 'text' : 'texts')
  return (typeof paths === 'string' ? [paths] : paths).map((path) => pathOf(path))
}
