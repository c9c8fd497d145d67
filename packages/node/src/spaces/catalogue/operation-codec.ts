/** Operations in dag-cbor, each an array that begins with its number. docs/protocol/space-catalogue.md has the table. */
import type { CborReader } from '../../content/cbor.ts'
import { decodeCid } from '../../content/cid.ts'
import { judgePath } from '../../content/name-verdict.ts'
import { ShoalError } from '../../errors.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { hasConflictFolder, pathKey } from './conflict-name.ts'
import {
  MAX_CATALOGUE_PATH_BYTES,
  MAX_EPOCH_BYTES,
  MAX_NOTE_BYTES,
  MAX_REPLACED,
  MAX_ROOT_BYTES,
  MAX_TAG_BYTES,
  MAX_TITLE_BYTES,
  MAX_TYPE_BYTES,
  MAX_WRAPPED_KEY_BYTES,
} from './limits.ts'
import {
  OPERATION_ID_BYTES,
  OPERATION_NUMBERS,
  type EntryContent,
  type Operation,
  type OperationKind,
  type OperationRef,
} from './operations.ts'

const KINDS = Object.keys(OPERATION_NUMBERS) as OperationKind[]
const LENGTHS: Readonly<Record<OperationKind, number>> = {
  put: 3,
  edit: 5,
  restore: 5,
  delete: 3,
  move: 3,
  tag: 4,
  untag: 3,
  note: 3,
  title: 3,
}
const CONTENT_LENGTH = 7
/** How deep the values of an unknown operation may lie in each other, and how many there may be. */
const UNKNOWN_DEPTH = 8
const UNKNOWN_ITEMS = 1_024
const MAX_SHOWN = 120

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE_TEXT = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
/** RFC 6838, 4.2. */
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/

/** The values that stand for an operation, for a dag-cbor encoder. */
export function operationToCbor(operation: Operation): readonly unknown[] {
  if (operation.kind === 'unknown')
    throw new ShoalError('ERR_INTERNAL', 'an unknown operation is not written')
  const number = OPERATION_NUMBERS[operation.kind]
  switch (operation.kind) {
    case 'put':
      return [number, operation.path, contentToCbor(operation.content)]
    case 'edit':
    case 'restore':
      return [number, operation.entry, operation.replaced, operation.path, contentToCbor(operation.content)]
    case 'delete':
    case 'untag':
      return [number, operation.entry, operation.replaced]
    case 'move':
      return [number, operation.entry, operation.path]
    case 'tag':
      return [number, operation.entry, operation.tag, operation.replaced]
    case 'note':
      return [number, operation.entry, operation.text]
    case 'title':
      return [number, operation.entry ?? null, operation.text]
  }
}

function contentToCbor(content: EntryContent): readonly unknown[] {
  const { root, inner, wrappedKey, epoch, bytes, type, modifiedMs } = content
  return [root, inner, wrappedKey, epoch, bytes, type, modifiedMs]
}

/**
 * The operation that begins here; `place` is its own in the batch.
 *
 * @throws ShoalError of the reader, or ERR_UNSAFE_NAME or ERR_LIMIT for a path that is not safe
 */
export function readOperation(reader: CborReader, place: number): Operation {
  const length = reader.array()
  if (length === 0) throw reader.fail('an operation without a number')
  const kind = KINDS[reader.uint()]
  if (kind === undefined) {
    for (let i = 1; i < length; i++) reader.skip(UNKNOWN_DEPTH, UNKNOWN_ITEMS)
    return { kind: 'unknown' }
  }
  if (length !== LENGTHS[kind]) throw reader.fail('an operation of another length')
  switch (kind) {
    case 'put':
      return { kind, path: readPath(reader), content: readContent(reader) }
    case 'edit':
    case 'restore':
      return {
        kind,
        entry: readRef(reader, place),
        replaced: readRefs(reader, place),
        path: readPath(reader),
        content: readContent(reader),
      }
    case 'delete':
    case 'untag':
      return { kind, entry: readRef(reader, place), replaced: readRefs(reader, place) }
    case 'move':
      return { kind, entry: readRef(reader, place), path: readPath(reader) }
    case 'tag':
      return {
        kind,
        entry: readRef(reader, place),
        tag: readTag(reader),
        replaced: readRefs(reader, place),
      }
    case 'note':
      return { kind, entry: readRef(reader, place), text: readText(reader, MAX_NOTE_BYTES) }
    case 'title':
      return {
        kind,
        entry: reader.peek() === 'null' ? readNull(reader) : readRef(reader, place),
        text: readText(reader, MAX_TITLE_BYTES),
      }
  }
}

function readNull(reader: CborReader): undefined {
  reader.skip(0)
}

function readRef(reader: CborReader, place: number): OperationRef {
  if (reader.peek() === 'uint') {
    const other = reader.uint()
    if (other >= place) throw reader.fail('an operation names one that is not before it')
    return other
  }
  const id = reader.bytes(OPERATION_ID_BYTES)
  if (id.length !== OPERATION_ID_BYTES) throw reader.fail('the name of an operation has another length')
  return id
}

/** Each once, in ascending order: places by number, then names by their bytes. */
function readRefs(reader: CborReader, place: number): OperationRef[] {
  const count = reader.array()
  if (count > MAX_REPLACED) throw reader.fail(`more than ${MAX_REPLACED} operations are replaced`)
  const refs: OperationRef[] = []
  for (let i = 0; i < count; i++) {
    const ref = readRef(reader, place)
    const before = refs.at(-1)
    if (before !== undefined && compareRefs(before, ref) >= 0) throw reader.fail('names are out of order')
    refs.push(ref)
  }
  return refs
}

/** The order in which an operation names others. */
export function compareRefs(a: OperationRef, b: OperationRef): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1
  return typeof b === 'number' ? 1 : Buffer.compare(a, b)
}

function readPath(reader: CborReader): string {
  const path = reader.text()
  if (path.length > MAX_CATALOGUE_PATH_BYTES || Buffer.byteLength(path) > MAX_CATALOGUE_PATH_BYTES)
    throw refusedPath('ERR_LIMIT', path, `it is longer than ${MAX_CATALOGUE_PATH_BYTES} bytes`)
  const verdict = judgePath(path)
  if (verdict.verdict === 'unsafe') throw refusedPath(verdict.code, path, verdict.reason)
  if (verdict.verdict === 'unportable' || path.includes('(')) judgeKey(path)
  return path
}

/** What has no name on some file system, and folders that are named as a conflict names a file. */
function judgeKey(path: string): void {
  const key = pathKey(path)
  if (`/${key}/`.includes('//')) throw refusedPath('ERR_UNSAFE_NAME', path, 'some systems drop all of a name')
  if (hasConflictFolder(key)) {
    throw refusedPath('ERR_UNSAFE_NAME', path, 'a folder has the name of a conflict')
  }
}

function refusedPath(code: 'ERR_LIMIT' | 'ERR_UNSAFE_NAME', path: string, reason: string): ShoalError {
  const shown = escapeForDisplay(path.length > MAX_SHOWN ? `${path.slice(0, MAX_SHOWN)}...` : path)
  return new ShoalError(code, `the path ${shown} is refused: ${reason}`)
}

function readTag(reader: CborReader): string {
  const tag = readText(reader, MAX_TAG_BYTES)
  if (tag === '' || tag.trim() !== tag || tag.includes('\n')) throw reader.fail('a tag is no tag')
  return tag
}

/** Text that people read. A line may end, nothing may turn the direction of writing. */
function readText(reader: CborReader, maxBytes: number): string {
  const text = reader.text(maxBytes)
  if (UNSAFE_TEXT.test(text)) throw reader.fail('a text has a control character')
  return text
}

function readContent(reader: CborReader): EntryContent {
  if (reader.array() !== CONTENT_LENGTH) throw reader.fail('a content of another length')
  const root = reader.bytes(MAX_ROOT_BYTES)
  decodeRoot(reader, root)
  const inner = reader.text()
  const verdict = inner === '' ? undefined : judgePath(inner)
  if (verdict?.verdict === 'unsafe') throw refusedPath(verdict.code, inner, verdict.reason)
  const wrappedKey = reader.bytes(MAX_WRAPPED_KEY_BYTES)
  const epoch = reader.bytes(MAX_EPOCH_BYTES)
  if ((wrappedKey.length === 0) !== (epoch.length === 0)) throw reader.fail('a key without its epoch')
  const bytes = reader.uint()
  const type = reader.text(MAX_TYPE_BYTES)
  if (type !== '' && !MEDIA_TYPE.test(type)) throw reader.fail('a media type is none')
  return { root, inner, wrappedKey, epoch, bytes, type, modifiedMs: reader.int() }
}

/** Raw, dag-pb or dag-cbor with a sha2-256, in exactly 36 bytes: most roots are recognised by their first four. */
function decodeRoot(reader: CborReader, root: Uint8Array): void {
  if (root.length !== MAX_ROOT_BYTES) throw reader.fail('a root has another length')
  const codec = root[1]
  const known = codec === 0x55 || codec === 0x70 || codec === 0x71
  if (root[0] === 1 && known && root[2] === 0x12 && root[3] === 0x20) return
  decodeCid(root)
  throw reader.fail('a root is not in its shortest form')
}
