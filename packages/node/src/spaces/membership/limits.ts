/**
 * Times and limits of who is there in a space (docs/protocol/space-membership.md). Each bound is on something that a
 * member could otherwise make grow, or on what one node sends.
 */

/** How often a node looks whether something is due, in milliseconds. */
export const TICK_MS = 250
/** Between two probes while this node is in good health, in milliseconds. */
export const PERIOD_MS = 1_000
/** How long a direct answer may take before others are asked, in milliseconds. */
export const ACK_MS = 1_000
/** How long a probe lasts in all, in milliseconds: longer than TCP makes one packet late. */
export const PROBE_MS = 4_000
/** After how long who was asked to probe says that it heard nothing, in milliseconds: within the probe. */
export const NACK_MS = 2_000
/** Members asked to probe who did not answer. */
export const HELPERS = 3
/** How long a suspect has to say that it is alive, in milliseconds: when as many others agree, and when nobody does. */
export const SUSPICION_LEAST_MS = 5_000
export const SUSPICION_MOST_MS = 10_000
/** Others that have to agree for the shortest time. */
export const CONFIRMATIONS = 1
/** Neighbours of a suspect that look themselves at once, about. */
export const LOOKERS = 6
/** Worst state of health: times of probes are `1 + health` times as long. */
export const MAX_HEALTH = 8
/** Delays of the event loop from which on the health is worse by one, and by two, in milliseconds. */
export const LOOP_DELAYS_MS = [200, 1_000] as const
/** A tick that comes later than this by so much means that this process stood still, in milliseconds. */
export const JUMP_MS = 2_000
/** Who has heard nobody for so long accuses nobody before others, in milliseconds. */
export const CONTACT_MS = 5_000

/** Between two beacons, in milliseconds, more or less by `JITTER`. */
export const BEACON_MS = 10_000
/** A neighbour gets every so-manieth beacon in which nothing is new, at least. */
export const BEACONS_AT_ONCE = 3
/** Between two exchanges of beacons with a neighbour, and while neighbours are lacking. */
export const MIX_MS = 10_000
export const HASTY_MIX_MS = 2_000
/** Beacons of others in one exchange, each way. */
export const MIX_BEACONS = 4
/** Between two comparisons with a neighbour of who is there, and while they bring much. */
export const LIST_MS = 20_000
export const HASTY_LIST_MS = 1_000
/** How long a node that starts or is back compares more often, and how often, in milliseconds. */
export const YOUNG_MS = 60_000
export const YOUNG_LIST_MS = 2_500
/** Statements that make a comparison count as one that brings much. */
export const MUCH_NEWS = 4
/**
 * Between two tries to reach one of those who are not there, in milliseconds; and between two tries of all together to reach
 * the same one, about, which many would else overwhelm when it comes back.
 */
export const RECONTACT_MS = 5_000
export const RECONTACTED_MS = 2_000
export const JITTER = 0.3

/** Up to so many members each is a neighbour of each. */
export const FULL_MESH_MEMBERS = 64
/** Above: neighbours beyond the logarithm of the members, and how many more are let in. */
export const EXTRA_NEIGHBOURS = 3
export const SLACK_NEIGHBOURS = 4
/** A node with fewer neighbours is not turned away. */
export const FEW_NEIGHBOURS = 3
/** Members kept to become neighbours. */
export const PASSIVE_MEMBERS = 30
/** New neighbours looked for in one period. */
export const CONTACTS_PER_PERIOD = 3

/** Bytes a second that a node sends, on average over a minute, with what every frame costs on its way. */
export const SEND_BYTES_PER_SECOND = 1_000
/** Bytes that may be sent at once after a pause. */
export const SEND_BURST_BYTES = 32_000
/** Of these, kept for rumours: what can wait longer does. */
export const SEND_RESERVE_BYTES = 4_000
/** Headers of TCP/IP, Noise and the muxer around one frame, about. */
export const FRAME_OVERHEAD_BYTES = 80
/** Neighbours to which one node passes a rumour; that somebody is alive all others get too, each with the next probe. */
export const FANOUT = 6
/** With more rumours than this under way each goes to so few neighbours: comparing lists costs less then. */
export const MANY_RUMOURS = 24
export const SMALL_FANOUT = 2
/** Rumours that a node has under way, and for how long, in milliseconds. */
export const MAX_RUMOURS = 256
export const RUMOUR_MS = 30_000
/** Bytes of rumours that go along with a probe or an answer. */
export const PIGGYBACK_BYTES = 1_000

/** Bytes of one message. */
export const MAX_MESSAGE_BYTES = 8_192
/** Statements in one message. */
export const MAX_STATEMENTS = 16
/** Bytes of one statement with its signature. */
export const MAX_STATEMENT_BYTES = 640
/** Bytes of a list of who is there: one bit for each of 16,384 members, as many as a log admits. */
export const MAX_LIST_BYTES = 2_048
/** Addresses in a beacon, and bytes of one. */
export const MAX_ADDRESSES = 4
export const MAX_ADDRESS_BYTES = 64
/** Tags of what a node serves in its beacon, and bytes of each: the first of the provider key. */
export const MAX_TAGS = 8
export const TAG_BYTES = 8
/** Bytes of the hash of the catalogue in a beacon. */
export const STATE_BYTES = 16
/** Highest class of free space: 4^9 GiB and more. */
export const MAX_FREE_CLASS = 10
/** Messages a second that one member may send, and at once; more are not looked at. */
export const MESSAGES_PER_SECOND = 5
export const MESSAGES_AT_ONCE = 60
/** Signatures a second that are checked for one neighbour that passes statements on, and at once. */
export const CHECKS_PER_SECOND = 20
export const CHECKS_AT_ONCE = 200
/** Suspicions a second that are taken of one accuser, and at once: many neighbours of one may go at the same time. */
export const ACCUSATIONS_PER_SECOND = 0.1
export const ACCUSATIONS_AT_ONCE = 16
/** Probes under way, with those for others. */
export const MAX_PROBES = 128
/** Members of whom it is remembered when they were seen, over restarts. */
export const MAX_LAST_SEEN = 4_096
/** Bytes of the file that remembers it: with four addresses about 700 for each. */
export const MAX_LAST_SEEN_FILE_BYTES = 4_194_304
/** How long after a change it is written, in milliseconds. */
export const LAST_SEEN_DELAY_MS = 300_000

/** Frames that wait while a stream to a member is opened. */
export const MAX_WAITING_FRAMES = 16
/** Streams to members at once, both ways: neighbours, and those that are looked for. */
export const MAX_STREAMS = 192
/** A stream on which nothing came or went for so long is closed, in milliseconds. */
export const IDLE_STREAM_MS = 60_000
/** How long opening a stream may take, in milliseconds. */
export const OPEN_MS = 10_000
