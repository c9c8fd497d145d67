/** Does what is asked of the spaces of a home, in the thread that has them. */
import { isShoalError } from '../../errors.ts'
import { fromHex } from '../auth/action-codec.ts'
import type { Space } from '../space.ts'
import type { CallName, SpaceCall, SpaceCalls } from './calls.ts'
import { summaryOf, type HomeSpaces } from './home-spaces.ts'
import * as gossip from './gossip-calls.ts'
import * as join from './join-calls.ts'
import * as people from './people-calls.ts'
import * as read from './read-calls.ts'
import * as sync from './sync-calls.ts'
import * as write from './write-calls.ts'

type Answer<Name extends CallName> = SpaceCalls[Name]['answer']
type OfHome =
  | 'list'
  | 'found'
  | 'resolve'
  | 'summary'
  | 'keep'
  | 'discard'
  | 'close'
  | 'roots'
  | 'proveJoin'
  | 'inviteBehind'
  | 'syncGreet'
  | 'syncRecognise'
  | 'syncConfirm'
type OfSpace = Exclude<CallName, OfHome>

const OF_HOME: {
  readonly [Name in OfHome]: (all: HomeSpaces, given: SpaceCalls[Name]['given']) => Promise<Answer<Name>>
} = {
  list: (all) => all.list(),
  found: async (all, { name }) => summaryOf(await all.found(name)),
  resolve: (all, { ref }) => all.resolve(ref),
  summary: (all, { space }) => all.summary(space),
  keep: (all, { space }) => all.keep(space),
  discard: (all, { space }) => all.discard(space),
  proveJoin: join.proveJoin,
  inviteBehind: join.inviteBehind,
  close: (all) => all.close(),
  syncGreet: sync.greet,
  syncRecognise: sync.recognise,
  syncConfirm: sync.confirm,
  roots: async (all) => {
    const roots = new Set<string>()
    let isWhole = true
    for (const id of all.ids()) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- Each takes the disk for itself.
        const { reader } = await all.get(id)
        for (const root of reader.lookup.roots()) roots.add(read.rootOf({ root }))
      } catch (error) {
        if (!isShoalError(error)) throw error
        isWhole = false
      }
    }
    return { roots: [...roots], isWhole }
  },
}

const OF_SPACE: {
  readonly [Name in OfSpace]: (
    space: Space,
    given: SpaceCalls[Name]['given'],
    seams: HomeSpaces['seams'],
  ) => Answer<Name> | Promise<Answer<Name>>
} = {
  entries: read.entries,
  search: read.search,
  sources: read.sources,
  history: read.history,
  check: (space) => {
    const { isSame, batches } = space.check()
    return { isSound: isSame, batches }
  },
  mayWrite: write.mayWrite,
  add: write.add,
  move: write.move,
  remove: write.remove,
  restore: write.restore,
  tag: write.tag,
  untag: write.untag,
  note: write.note,
  title: write.title,
  undo: write.undo,
  members: people.members,
  setRole: people.setRole,
  removeMember: people.removeMember,
  leave: people.leave,
  invite: people.invite,
  invitations: (space, _given, seams) => people.invitations(space, seams),
  revokeInvite: people.revokeInvite,
  redeem: people.redeem,
  judgeJoin: join.judgeJoin,
  approve: join.approve,
  authPage: join.authPage,
  authFrames: (space, { ids }) => space.authFrames(ids ?? space.authIds()),
  takeAuth: (space, { frames }) => space.takeAuth(frames),
  batchFrame: (space, { id }) => space.batchFrame(fromHex(id)),
  takeBatches: (space, { frames }) => space.takeBatches(frames),
  syncProve: sync.prove,
  syncJudge: sync.judge,
  syncStanding: sync.standing,
  syncIntroduction: sync.introduction,
  syncIntroduce: sync.introduce,
  syncRanges: sync.compare,
  syncFrames: sync.page,
  syncTake: sync.take,
  syncMet: sync.met,
  syncKnown: sync.known,
  syncNames: sync.names,
  gossipTopics: gossip.topics,
  gossipFrames: gossip.frames,
}

/** @throws ShoalError whatever the call throws; ERR_SPACE_UNKNOWN */
export async function runCall(all: HomeSpaces, { name, given }: SpaceCall): Promise<unknown> {
  if (Object.hasOwn(OF_HOME, name)) return await OF_HOME[name as OfHome](all, given as never)
  const space = await all.get((given as { space: string }).space)
  return await OF_SPACE[name as OfSpace](space, given as never, all.seams)
}
