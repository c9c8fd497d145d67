/** Every exit status that a failure can have, with a command that ends with it. */
import type { Row } from './rows.ts'

export type Failure = Pick<Row, 'command' | 'stop' | 'only' | 'isContent'> & {
  readonly exit: number
  readonly code: string
  /** Lines of --json before the error. @defaultValue none */
  readonly before?: RegExp
  /** What a pipe gets before it fails. @defaultValue nothing */
  readonly result?: RegExp
}

const FAILURE_ROWS: readonly Failure[] = [
  { command: 'share talk.txt --pubic', exit: 2, code: 'ERR_USAGE' },
  { command: 'fetch nonsense -o INTO', exit: 2, code: 'ERR_LINK_MALFORMED' },
  { command: 'cat FOLDER_LINK', exit: 2, code: 'ERR_IS_FOLDER', isContent: true },
  { command: 'fetches pause 000000000000', exit: 2, code: 'ERR_NO_FETCH' },
  { command: 'share talk.txt --network lan', exit: 2, code: 'ERR_USAGE', only: 'daemon' },
  { command: 'fetch GONE -o INTO --wait 1s', exit: 3, code: 'ERR_NO_PROVIDER' },
  { command: 'ls FOLDER_LINK night', exit: 3, code: 'ERR_NOT_IN_SHARE' },
  { command: 'cat FOLDER_LINK night', exit: 3, code: 'ERR_NOT_IN_SHARE', isContent: true },
  { command: 'verify talk.txt GONE --wait 1s', exit: 3, code: 'ERR_NO_PROVIDER' },
  { command: 'fetch WRONG -o INTO', exit: 4, code: 'ERR_WRONG_KEY' },
  { command: 'ls WRONG', exit: 4, code: 'ERR_WRONG_KEY' },
  { command: 'cat WRONG', exit: 4, code: 'ERR_WRONG_KEY', isContent: true },
  {
    command: 'verify taken FOLDER_LINK',
    exit: 4,
    code: 'ERR_VERIFY_FAILED',
    before: /(hashing )*(bad )+(hashing )*/,
    result: /^(day 1\n|day 1\/sea\.jpg\n|talk\.txt\n)+$/,
  },
  {
    command: 'id import kept.shoal-id --passphrase-file talk.txt --home INTO',
    exit: 4,
    code: 'ERR_WRONG_KEY',
  },
  {
    command: 'id import talk.txt --passphrase-file pass.txt --home INTO',
    exit: 4,
    code: 'ERR_CONTENT_INVALID',
  },
  { command: 'id export talk.txt --passphrase-file pass.txt', exit: 5, code: 'ERR_DESTINATION_EXISTS' },
  { command: 'id import kept.shoal-id --passphrase-file pass.txt', exit: 5, code: 'ERR_DESTINATION_EXISTS' },
  { command: 'share missing', exit: 5, code: 'ERR_SOURCE_MISSING' },
  { command: 'verify missing LINK', exit: 5, code: 'ERR_SOURCE_MISSING' },
  { command: 'fetch LINK -o taken', exit: 5, code: 'ERR_DESTINATION_EXISTS' },
  { command: 'status', exit: 6, code: 'ERR_NO_NODE', only: 'alone' },
  { command: 'peers', exit: 6, code: 'ERR_NO_NODE', only: 'alone' },
  { command: 'daemon stop', exit: 6, code: 'ERR_NO_NODE', only: 'alone' },
  { command: `share holiday --exclude ${'x'.repeat(1_025)}`, exit: 7, code: 'ERR_LIMIT' },
  {
    command: 'fetch LARGE_LINK -o INTO --down 1MB',
    stop: /large\.txt: 1 file|large\.txt.*B\/s|"progress"/,
    exit: 130,
    code: 'ERR_INTERRUPTED',
    before: /(progress )+/,
  },
  {
    command: 'cat LARGE_LINK --down 1MB',
    stop: /again and again/,
    exit: 130,
    code: 'ERR_INTERRUPTED',
    isContent: true,
    before: /(progress )+/,
    result: /^The same line/,
  },
]

/** A row that ends with an error, as each form tells it. */
export function failing({ before, result = /^$/, ...row }: Failure): Row {
  return {
    ...row,
    json: new RegExp(`^${before?.source ?? ''}error $`),
    result,
    // What it did before it failed, then what is wrong, what to do about it, and the code.
    notes: new RegExp(`^(\\w+( \\S+)?: .*\\n)*shoal: .*\\n( {2}.*\\n)+ {2}${row.code}, exit ${row.exit}\\n$`),
    screen: new RegExp(`shoal: [^]*\\n {2}[A-Z][^]*\\n {2}${row.code}, exit ${row.exit}\\n$`),
  }
}

export const FAILURES: readonly Row[] = FAILURE_ROWS.map(failing)
