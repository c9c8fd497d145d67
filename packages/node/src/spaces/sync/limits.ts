/** Limits of the sync of a space. Each bounds something that a peer, or many of them, could make grow. */

/** Bytes of what one message carries. */
export const MAX_MESSAGE_BYTES = 262_144
/** Bytes of an answer about ranges: below a message, so that a last range still fits. */
export const MAX_RANGES_BYTES = 245_760
/** Parts into which a range that differs is cut. */
export const BRANCHES = 16
/** Keys of a range that are listed instead of cut further. */
export const LIST_KEYS = 32
/** Messages about ranges that one session takes for one log; then what was found is exchanged, and the rest left to the next. */
export const MAX_ROUNDS = 64
/** Keys that one session finds missing on either side of one log; the rest is left to the next. */
export const MAX_FOUND = 131_072
/** Tags of a hello, always as many: as many spaces can be meant at once. */
export const HELLO_TAGS = 16
/** Of each space, the newest epochs by whose keys a hello is recognised. */
export const KNOWN_EPOCHS = 16
/** Of one space, the epochs before the present one by whose keys a member that is known is greeted. */
export const GREETED_EPOCHS = 4
/** Questions by which a device finds out who let the other in. */
export const MAX_QUESTIONS = 16
/** Operations that one such question names. */
export const MAX_QUESTION_IDS = 256
/** Bytes of the operations that answer one. */
export const MAX_INTRODUCTION_BYTES = 204_800
/** How long the other side may take for a whole message once it is its turn, in milliseconds: it may have much to write. */
export const TURN_TIMEOUT_MS = 30_000
/** How long one session may last, in milliseconds. The next one goes on. */
export const SESSION_TIMEOUT_MS = 600_000
/** Bytes of keys that are asked for in one message, and of frames in one: with what is said beside them within a message. */
export const MAX_WANTS_BYTES = 233_472
export const MAX_FRAMES_BYTES = 261_120
/** Keys of which the thread is asked for frames at once. */
export const PAGE_KEYS = 2_048
/** Messages of one log in which the other side neither gives nor asks nor says that it has more to ask for. */
export const MAX_IDLE_TURNS = 4
/** Messages with frames of which none is new that one session takes of one log. */
export const MAX_USELESS_TURNS = 64
