/** The clipboard of the terminal, also of one at the other end of a connection: OSC 52 of xterm's control sequences. */

export function copySequence(text: string): string {
  return `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`
}
