/** Makes text from strangers fit for a terminal, a log or a message. */

/**
 * Control characters (C0, DEL, C1), which drive terminals; line and paragraph separators; everything that turns
 * the direction of writing, which hides a file's true ending; half surrogates, which no terminal can show.
 */
const UNSHOWABLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu

/** `text` with every character that could act on a terminal or mislead the eye written as `\u{202e}`. */
export function escapeForDisplay(text: string): string {
  return text.replace(UNSHOWABLE, (found) => `\\u{${found.charCodeAt(0).toString(16)}}`)
}
