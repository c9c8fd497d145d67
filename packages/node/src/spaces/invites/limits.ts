/** Bounds of an invitation. It is passed on by people, who see all of it as one line. */

/** Characters of the longest text that is looked at. The longest invitation that Shoal makes has 848. */
export const MAX_INVITE_LENGTH = 2_048
/** Bytes of the hints, before base64url. */
export const MAX_INVITE_HINT_BYTES = 512
/** Addresses of devices that may let in. */
export const MAX_INVITE_ADDRESSES = 3
/** Bytes of one address. A longer one is left out. */
export const MAX_INVITE_ADDRESS_BYTES = 112
/** Bytes of the name of the space, as UTF-8. A longer one is shortened. */
export const MAX_INVITE_NAME_BYTES = 64
/** Digits of a comparison code: one chance in a million for who stands between, and short enough to read aloud. */
export const COMPARISON_DIGITS = 6
