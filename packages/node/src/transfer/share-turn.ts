/** Under which key shares of the same paths and options wait for each other. */
export function turnOf(lookup: Uint8Array): string {
  return Buffer.from(lookup).toString('hex')
}
