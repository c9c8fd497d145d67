/**
 * Every failure that Shoal reports, in one table.
 *
 * A caller tests `isShoalError(error, 'ERR_...')`: the code is the contract, because class names do not
 * survive minifying and neither names nor prototypes survive a worker, IPC or HTTP boundary. An error crosses
 * those as `toJSON()` and is rebuilt by `ShoalError.fromJSON()`.
 */

/** What is known of an error by its code alone. */
export interface ErrorEntry {
  /** Exit status of the `shoal` command when this ends it. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
  /** What to do about it, in one sentence for a person. */
  readonly hint: string
}

/** Exit status and hint of each code. */
export const ERRORS = {
  ERR_CONTENT_GONE: {
    exit: 3,
    hint: 'Ask the sender to share it again: the files are gone or were changed.',
  },
  ERR_CONTENT_INVALID: {
    exit: 4,
    hint: 'Nothing was saved. Ask the sender for a new link.',
  },
  ERR_CRYPTO_SELF_TEST: {
    exit: 1,
    hint: 'This runtime computes wrong digests or ciphertext. Use another build of Node.',
  },
  ERR_DESTINATION_EXISTS: {
    exit: 5,
    hint: 'Choose another folder with -o, or move what is there away.',
  },
  ERR_DISK: { exit: 5, hint: 'Look at the disk and its permissions, then run the command again.' },
  ERR_DISK_FULL: { exit: 5, hint: 'Free some space, then run the command again.' },
  ERR_HOME_BUSY: {
    exit: 6,
    hint: 'Another Shoal process holds this home and does not answer. Stop it, or use another --home.',
  },
  ERR_HOME_INVALID: {
    exit: 5,
    hint: 'Use another --home, or restore the file that the message names.',
  },
  ERR_INTERNAL: { exit: 1, hint: 'This is a fault in Shoal. Report it with the output of --verbose.' },
  ERR_INVITE_OVER: { exit: 8, hint: 'Ask who manages the space for a new invitation.' },
  ERR_IS_FOLDER: {
    exit: 2,
    hint: 'List what is in it with shoal ls, then name one of its files.',
  },
  ERR_LIMIT: {
    exit: 7,
    hint: 'It is over a limit that protects this device. Share it, or ask for it, in smaller parts.',
  },
  ERR_LINK_CHECKSUM: {
    exit: 2,
    hint: 'A character of the link was changed. Copy it again, or ask for it as text.',
  },
  ERR_LINK_INCOMPLETE: {
    exit: 2,
    hint: "Put the link in 'single quotes' and copy it whole: a private link goes on with #key.",
  },
  ERR_LINK_MALFORMED: { exit: 2, hint: 'A link begins with shoal:// and is one word. Copy it again.' },
  ERR_LISTEN: { exit: 1, hint: 'Give another address or port with --listen.' },
  ERR_NODE_STOPPED: { exit: 6, hint: 'Run the command again.' },
  ERR_NO_FETCH: { exit: 2, hint: 'See them, each with its id, with: shoal fetches' },
  ERR_NO_NODE: { exit: 6, hint: 'Start one in the background: shoal daemon start' },
  ERR_NO_PROVIDER: {
    exit: 3,
    hint: 'Ask the sender to start Shoal, or look at your side: shoal doctor',
  },
  ERR_NO_SPACE_KEY: {
    exit: 8,
    hint: 'Wait until a device of the space is online. If it stays so, ask who manages the space to invite this device.',
  },
  ERR_NO_UPLOAD: { exit: 2, hint: 'Begin it again: one that nobody goes on with is removed after a week.' },
  ERR_NOT_AUTHORISED: { exit: 8, hint: 'Give this user access to the home, or use another --home.' },
  ERR_NOT_DAEMON: { exit: 2, hint: 'End the command or program that started it: a command with Ctrl-C.' },
  ERR_NOT_IN_SHARE: { exit: 3, hint: 'List the whole share, without a path, to see what is in it.' },
  ERR_NOT_IN_SPACE: { exit: 3, hint: 'Look at what is in the space, and at who is.' },
  ERR_NOT_SHARED: { exit: 2, hint: 'See what is shared with: shoal shares' },
  ERR_OPTIONS_INVALID: { exit: 2, hint: 'Correct the option that the message names.' },
  ERR_PERMISSION: { exit: 5, hint: 'Give this user access to the path that the message names.' },
  ERR_PROTOCOL: {
    exit: 1,
    hint: 'The other device broke the transfer protocol. Update Shoal on both devices, then try again.',
  },
  ERR_QUOTA: {
    exit: 5,
    hint: 'Let it use more: shoal config set quota SIZE. Or remove what it keeps: shoal unshare',
  },
  ERR_RANGE: { exit: 2, hint: 'Bytes count from 0, and the last one is named too: 0-99 are the first 100.' },
  ERR_SERVICE: { exit: 1, hint: 'Start it yourself instead: shoal daemon start' },
  ERR_SOURCE_CHANGED: {
    exit: 5,
    hint: 'The file is being written to. Share it when it is at rest, or leave it out with --skip-unreadable.',
  },
  ERR_SOURCE_MISSING: { exit: 5, hint: 'Check the path.' },
  ERR_SOURCE_UNREADABLE: {
    exit: 5,
    hint: 'Give this user access, or leave such files out with --skip-unreadable.',
  },
  ERR_SPACE_AMBIGUOUS: { exit: 2, hint: 'Say which one by more of its id.' },
  ERR_SPACE_ROLE: { exit: 8, hint: 'Ask who manages the space for a role that may.' },
  ERR_SPACE_UNKNOWN: { exit: 2, hint: 'Name it by its name, by its id, or by 4 or more characters of that.' },
  ERR_SQLITE_VERSION: { exit: 1, hint: 'Update Node: older SQLite can damage what it keeps.' },
  ERR_UNSAFE_NAME: {
    exit: 7,
    hint: 'Shoal never repairs names that could write outside the folder or hide their true ending. Have it renamed, and shared again.',
  },
  ERR_UPLOAD_OFFSET: { exit: 2, hint: 'Ask how many bytes are there, and go on from there.' },
  ERR_USAGE: { exit: 2, hint: 'See shoal --help.' },
  ERR_VERIFY_FAILED: {
    exit: 4,
    hint: 'To have what the link names, fetch it into another folder.',
  },
  ERR_WRONG_KEY: { exit: 4, hint: 'The key in this link belongs to another share. Ask for the link again.' },
} as const satisfies Record<string, ErrorEntry>

/** The codes of all errors: docs/errors.md says what each means. They change only with an ADR. */
export type ErrorCode = keyof typeof ERRORS

/** An error as it crosses a process or a worker. */
export interface ShoalErrorJson {
  /** As of the error. */
  code: ErrorCode
  /** What happened, in one sentence for a person. It may change with any release. */
  message: string
  /** What to do about it, in one sentence for a person. */
  hint: string
}

/** What an error is made of beside its code and message. */
export interface ShoalErrorInit {
  /** What it wraps. */
  cause?: unknown
  /** Replaces the table's hint where the place that throws knows better. */
  hint?: string
}

/** Every failure of Shoal. Test it by `isShoalError` and its code, not by its class or message. */
export class ShoalError extends Error {
  override readonly name = 'ShoalError'
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, init: ShoalErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = code
    this.hint = init.hint ?? ERRORS[code].hint
  }

  toJSON(): ShoalErrorJson {
    return { code: this.code, message: this.message, hint: this.hint }
  }

  /** Rebuilds an error that crossed a process or worker. An unknown code becomes `ERR_INTERNAL`. */
  static fromJSON(json: { code?: unknown; message?: unknown; hint?: unknown }): ShoalError {
    const code =
      typeof json.code === 'string' && Object.hasOwn(ERRORS, json.code) ? json.code : 'ERR_INTERNAL'
    const message = typeof json.message === 'string' ? json.message : 'unknown error'
    return new ShoalError(
      code as ErrorCode,
      message,
      typeof json.hint === 'string' ? { hint: json.hint } : {},
    )
  }
}

/** Is this a failure of Shoal, and one with that code where one is given? Also of another copy of the library. */
export function isShoalError(error: unknown, code?: ErrorCode): error is ShoalError {
  if (!(error instanceof Error) || error.name !== 'ShoalError') return false
  return code === undefined || (error as ShoalError).code === code
}

/** The system error code of a failed disk call (`ENOENT`, ...), or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return error instanceof Error && typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined
}

/** Turns a failed disk call into the error that a person can act on; any other error is returned unchanged. */
export function diskError(error: unknown, doing: string): unknown {
  switch (systemCode(error)) {
    case undefined:
      return error
    case 'ENOSPC':
    case 'EDQUOT':
      return new ShoalError('ERR_DISK_FULL', `${doing}: the disk is full`, { cause: error })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ShoalError('ERR_PERMISSION', `${doing}: permission denied`, { cause: error })
    default:
      return new ShoalError('ERR_DISK', `${doing}: ${reasonOf(error as Error)}`, { cause: error })
  }
}

/** `EIO: i/o error, write '/x'` -> `i/o error (EIO)`: the call and the path are the program's own business. */
function reasonOf(error: Error): string {
  const reason = /^(E[A-Z0-9]+): ([^,]+)/.exec(error.message)
  return reason === null ? error.message : `${reason[2]} (${reason[1]})`
}
