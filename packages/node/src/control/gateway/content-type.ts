/**
 * As what a file is shown: a closed list of what a browser shows without running any of it. Everything else is only saved. Who
 * shared a file chose its name and its bytes.
 */

/** How an answer is meant. */
export interface Showing {
  readonly type: string
  /** Saved, and not shown. */
  readonly isAttachment: boolean
}

const TEXT = 'text/plain; charset=utf-8'

const TYPES: Readonly<Record<string, string>> = {
  ...each('image/', ['png', 'gif', 'webp', 'avif', 'bmp', 'apng']),
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  ico: 'image/x-icon',
  ...each('video/', ['mp4', 'webm']),
  m4v: 'video/mp4',
  ogv: 'video/ogg',
  mov: 'video/quicktime',
  ...each('audio/', ['aac', 'flac', 'wav', 'ogg']),
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  weba: 'audio/webm',
  vtt: 'text/vtt; charset=utf-8',
  pdf: 'application/pdf',
  // What could run is shown as the text that it is.
  ...Object.fromEntries(
    [
      'txt',
      'text',
      'log',
      'md',
      'csv',
      'tsv',
      'json',
      'srt',
      'html',
      'htm',
      'xhtml',
      'xml',
      'js',
      'mjs',
      'css',
    ].map((extension) => [extension, TEXT]),
  ),
}

function each(kind: string, extensions: readonly string[]): Record<string, string> {
  return Object.fromEntries(extensions.map((extension) => [extension, `${kind}${extension}`]))
}

/** @param destination what the browser says that it is for (`Sec-Fetch-Dest`) */
export function showingOf(name: string, destination: string | undefined): Showing {
  const extension = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  // Scripts of an image that stands in a page are not run; those of one that is a page would be.
  if (extension === 'svg' && destination === 'image') return { type: 'image/svg+xml', isAttachment: false }
  const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined
  if (type === undefined) return { type: 'application/octet-stream', isAttachment: true }
  // A player or a viewer that fills a window asks for the bytes again, as a page that nobody entitled.
  const needsPlayer = /^(?:video|audio|application)\//.test(type)
  return { type, isAttachment: destination === 'document' && needsPlayer }
}

/** `Content-Disposition`, RFC 6266, with the name as RFC 8187 has it and in ASCII for who does not read that. */
export function dispositionOf(name: string, { isAttachment }: Showing): string {
  const ascii = name.replaceAll(/[^ -~]|["\\%]/gu, '_')
  const extended = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${isAttachment ? 'attachment' : 'inline'}; filename="${ascii}"; filename*=UTF-8''${extended}`
}
