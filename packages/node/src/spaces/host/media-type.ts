/** The media type that a file's name speaks of, so that `type:image` finds it. Nobody goes by it to show or run a file. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  image: ['avif', 'bmp', 'gif', 'heic', 'png', 'tiff', 'webp'],
  audio: ['aac', 'flac', 'ogg', 'opus', 'wav'],
  video: ['mp4', 'webm'],
  text: ['css', 'csv', 'html'],
  application: ['epub', 'gz', 'json', 'pdf', 'rtf', 'wasm', 'xml', 'zip'],
}

/** Where the type is called otherwise than the ending. */
const OTHERS: Readonly<Record<string, string>> = {
  gz: 'application/gzip',
  epub: 'application/epub+zip',
  htm: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  m4a: 'audio/mp4',
  md: 'text/markdown',
  mkv: 'video/matroska',
  mov: 'video/quicktime',
  mp3: 'audio/mpeg',
  ogv: 'video/ogg',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  txt: 'text/plain',
}

const BY_ENDING: ReadonlyMap<string, string> = new Map([
  ...Object.entries(TYPES).flatMap(([kind, endings]) =>
    endings.map((ending) => [ending, `${kind}/${ending}`] as const),
  ),
  ...Object.entries(OTHERS),
])

/** Empty when the name says nothing. */
export function mediaTypeOf(name: string): string {
  return BY_ENDING.get(/\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '') ?? ''
}
