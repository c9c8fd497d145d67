/**
 * The lines of `--json`, as the contract of the command names them: types, the fields that each has at least, and what is in
 * them. Written from the contract, and not from the program.
 */
import type { Json } from '../../helpers/shoal.ts'

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

const text: Check = (value) => typeof value === 'string' && value !== ''
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const measure: Check = (value) => typeof value === 'number' && value >= 0
const truth: Check = (value) => typeof value === 'boolean'
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const like =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
const each =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check)

const link = like(/^shoal:\/\/[\w.:/#-]+$/)
const root = like(/^baf[a-z2-7]+$/)
const path = like(/^\//)
const peerId = like(/^12D3Koo\w+$/)
const addresses = each(like(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3Koo\w+$/))
const setting: Check = (value) =>
  text(value) || count(value) || truth(value) || (Array.isArray(value) && value.every(text))

const spaceId = like(/^[0-9a-f]{64}$/)
const role = like(/^(pull|read|write|manage|founder)$/)
const tags: Check = (value) => Array.isArray(value) && value.every(text)
/** A file of a space; an entry of a listing of a link is told apart by its kind. */
const SPACE_ENTRY: Fields = { path: text, bytes: count, tags, author: spaceId, here: truth }

const LINES: Readonly<Record<string, Fields>> = {
  hashing: { bytes: count, total: count },
  ready: { link, root, name: text, bytes: count, sealed: truth, addresses },
  served: { root, bytes: count, peers: count },
  progress: { root, bytes: count, total: count, rate: measure, peers: count },
  file: { path: text, bytes: count },
  entry: { path: text, bytes: count, kind: like(/^(file|folder)$/), mtime: orNull(measure) },
  warning: { code: like(/^WARN_[A-Z_]+$/), message: text },
  done: {
    root,
    path: like(/^(\/.*|-)$/),
    bytes: count,
    seconds: measure,
    bytesFetched: count,
    bytesReused: count,
  },
  status: {
    pid: count,
    peerId,
    addresses,
    api: orNull(like(/^http:\/\/127\.0\.0\.1:\d+$/)),
    socket: path,
    tokenFile: path,
  },
  id: { peerId, home: path },
  share: {
    root,
    link,
    name: text,
    bytes: count,
    sealed: truth,
    state: like(/^(serving|stopped|stale)$/),
  },
  fetch: { id: text, root, state: text, reason: orNull(text), bytes: count, total: orNull(count) },
  peer: { id: peerId, name: orNull(text), direct: truth },
  bad: { path: text },
  finding: { id: text, severity: text, effect: text, remedy: orNull(text) },
  config: { key: text, value: setting },
  space: { id: spaceId, name: text },
  invite: { link: like(/^shoal:\/\/join\/[a-z2-7]+#[\w.-]+$/) },
  invitation: { id: spaceId, role, instant: truth, usesLeft: count, expires: orNull(count) },
  joining: {
    state: like(/^(searching|asking|comparing)$/),
    name: (value) => typeof value === 'string',
    code: orNull(like(/^\d{3} \d{3}$/)),
  },
  joined: { id: spaceId, name: text, isNew: truth },
  request: {
    id: like(/^[0-9a-f]{16}$/),
    name: (value) => typeof value === 'string',
    role,
    code: like(/^\d{3} \d{3}$/),
    asked: count,
    invite: spaceId,
    state: like(/^(waiting|approved|refused)$/),
  },
  member: {
    id: spaceId,
    name: orNull(text),
    role: orNull(role),
    presence: orNull(text),
    lastSeen: orNull(count),
  },
  changed: { changes: (value) => Array.isArray(value) && value.every(spaceId), entries: count },
  found: { entries: count, total: count, cut: truth },
  log: { change: spaceId, author: spaceId, kind: text, text: orNull(text), counts: truth },
  got: { path: text, file: path, bytes: count },
  check: { sound: truth, changes: count },
  exported: { file: path, entries: count },
  error: { code: like(/^ERR_[A-Z_]+$/), message: text, hint: text },
}

/** The types of all that a command printed, as one text in which each ends with a space; throws at what is no line of the contract. */
export function typesOf(printed: string): string {
  if (printed !== '' && !printed.endsWith('\n')) throw new Error(`the last line has no end: ${printed}`)
  const lines = printed.split('\n').slice(0, -1)
  return lines.map((line) => `${typeOf(line)} `).join('')
}

function typeOf(line: string): string {
  const object = JSON.parse(line) as Json
  const type = String(object['type'])
  const isOfSpace = type === 'entry' && Object.hasOwn(object, 'tags')
  const fields = isOfSpace ? SPACE_ENTRY : Object.hasOwn(LINES, type) ? LINES[type] : undefined
  if (fields === undefined) throw new Error(`the contract has no such line: ${line}`)
  for (const [name, check] of Object.entries(fields)) {
    if (!check(object[name])) throw new Error(`${type}.${name} is not as the contract says: ${line}`)
  }
  return type
}
