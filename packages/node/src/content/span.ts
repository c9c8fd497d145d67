/** A run of bytes: `from` to `to`, exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}
