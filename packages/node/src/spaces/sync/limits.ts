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
/** Between two looks at who is connected, in milliseconds. */
export const LOOK_MS = 500
/** Between two sessions of a space with a member that is connected, chosen at random, in milliseconds; up to a third more or less. */
export const ROUND_MS = 5_000
/** How long after a change here others are told, in milliseconds: what is done at once goes together. */
export const TELL_DELAY_MS = 50
/** Members that are told at once; the others hear of it from them, or in a later round. */
export const TELL_MEMBERS = 8
/** Sessions that are open at once of those that this device began, and that wait to be. */
export const MAX_OPEN_SESSIONS = 8
export const MAX_WAITING_SESSIONS = 256
/** Sessions at once that others began, in all and of one device. */
export const MAX_ANSWERED_SESSIONS = 32
export const MAX_ANSWERED_PER_DEVICE = 4
/** Devices whose faults are remembered; the oldest goes. */
export const MAX_FAULTY_DEVICES = 1_024
/** How long a device is left alone after its first fault, in milliseconds; twice as long after each further one, up to the most. */
export const FAULT_MS = 15_000
export const MAX_FAULT_MS = 3_600_000
/** Sessions that one device may begin in vain before that counts as a fault. */
export const MAX_VAIN_SESSIONS = 16
/** Looks at a connected device until it has told what it speaks. */
export const MAX_LOOKS = 20
/** Members of a space to which this device stays connected, if it knows so many. */
export const WANTED_MEMBERS = 3
/** Between two tries to reach members that are not connected, in milliseconds; twice as long after each in vain, up to the most. */
export const REACH_MS = 2_000
export const MAX_REACH_MS = 600_000
/** How long the network is asked for members at once, in milliseconds, and how many it names are dialled. */
export const SEARCH_MS = 20_000
export const MAX_FOUND_DEVICES = 16
/** A pause between two looks that is longer by so much, in milliseconds: the machine slept. */
export const SLEPT_MS = 10_000
/** How long what a space goes by, and who was met, is believed without a change, in milliseconds. */
export const BELIEVE_MS = 60_000
