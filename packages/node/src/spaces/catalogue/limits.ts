/** Limits of a catalogue. Each bounds something that a member, or somebody who claims to be one, could make grow. */

/** Bytes of one batch as it travels, its signature included. */
export const MAX_BATCH_BYTES = 65_536
/** Operations under one signature; an operation's place in its batch is one byte. */
export const MAX_BATCH_OPERATIONS = 256
/** Batches that a batch names as those before it, and heads of the auth log that it names. */
export const MAX_PARENTS = 64
/** Contents or tags that one operation replaces. */
export const MAX_REPLACED = 64
/**
 * UTF-8 bytes of a path. Less than content's limit by what a conflict adds to a name, so that what is shown is
 * never longer than what can be fetched.
 */
export const MAX_CATALOGUE_PATH_BYTES = 960
/** UTF-8 bytes of one tag. */
export const MAX_TAG_BYTES = 100
/** Tags of one entry that are told and searched; the rest is kept. */
export const MAX_SHOWN_TAGS = 100
/** UTF-8 bytes of one note. */
export const MAX_NOTE_BYTES = 4_096
/** UTF-8 bytes of one title, of an entry or of the space. */
export const MAX_TITLE_BYTES = 255
/** UTF-8 bytes of a media type (RFC 6838: 127 on each side of the slash). */
export const MAX_TYPE_BYTES = 255
/** Bytes of a wrapped key. */
export const MAX_WRAPPED_KEY_BYTES = 128
/** Bytes that name the epoch under whose key a key is wrapped. */
export const MAX_EPOCH_BYTES = 32
/** Bytes of a root: a CIDv1 of a sha2-256. */
export const MAX_ROOT_BYTES = 36
