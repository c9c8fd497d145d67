/** Numbers as people read them: decimal sizes of three digits, rates, times. */
import { formatBytes } from '@shoal/node/control'

export { formatAmount, formatBytes } from '@shoal/node/control'

const MINUTE_S = 60
const HOUR_S = 3_600
const DAY_S = 86_400

/** `18.4 MB/s`; empty when nothing moves, for a speed of nothing is not a fact that helps. */
export function formatRate(bytesPerSecond: number): string {
  return bytesPerSecond >= 1 ? `${formatBytes(bytesPerSecond)}/s` : ''
}

/** `0.4 s`, `31 s`, `4 min 31 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`
  const whole = Math.round(seconds)
  if (whole < MINUTE_S) return `${whole} s`
  if (whole < HOUR_S) return twoParts(whole, MINUTE_S, 'min', 1, 's')
  if (whole < DAY_S) return twoParts(whole, HOUR_S, 'h', MINUTE_S, 'min')
  return twoParts(whole, DAY_S, 'd', HOUR_S, 'h')
}

/** Time left in steps so coarse that they do not jump: `a few seconds`, `about 2 min`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 15) return 'a few seconds'
  if (seconds < 45) return 'less than 1 min'
  if (seconds < 59.5 * MINUTE_S) return `about ${Math.max(1, Math.round(seconds / MINUTE_S))} min`
  if (seconds < 23.5 * HOUR_S) return `about ${Math.max(1, Math.round(seconds / HOUR_S))} h`
  const days = Math.max(1, Math.round(seconds / DAY_S))
  return days > 99 ? 'very long' : `about ${days} d`
}

/** `2026-11-21 07:02`, in the time zone of this machine; undefined for a time that no calendar has. */
export function formatTime(ms: number): string | undefined {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return undefined
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** `Mon 18:00`, in the time zone of this machine: for what is less than a week away. */
export function formatDayTime(ms: number): string {
  const date = new Date(ms)
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getDay()] ?? ''
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** `2026-11-21T07:02:03.004Z`; undefined for a time that no calendar has. */
export function formatInstant(ms: number): string | undefined {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** Whole percent, rounded down; 100 is said only by who knows that all is done. */
export function formatPercent(bytes: number, total: number): string {
  const percent = total > 0 ? Math.floor((bytes * 100) / total) : 0
  return `${Math.min(99, Math.max(0, percent))}%`
}

/** `1,204`; with words `1 file`, `1,204 files`. */
export function formatCount(count: number, one = '', many = ''): string {
  const digits = String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return `${digits} ${count === 1 ? one : many}`.trimEnd()
}

function twoParts(
  seconds: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
): string {
  const first = Math.floor(seconds / large)
  const second = Math.floor((seconds % large) / small)
  return second === 0 ? `${first} ${largeName}` : `${first} ${largeName} ${second} ${smallName}`
}
