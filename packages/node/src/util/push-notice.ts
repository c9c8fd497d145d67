import type { WarningEvent } from '../events.ts'
import { pushNewest } from './push-newest.ts'

/** Appends a warning. One that was there takes its new place: what is told time and again displaces no other. */
export function pushNotice(list: WarningEvent[], notice: WarningEvent, most: number): void {
  const earlier = list.findIndex(({ code, message }) => code === notice.code && message === notice.message)
  if (earlier >= 0) list.splice(earlier, 1)
  pushNewest(list, notice, most)
}
