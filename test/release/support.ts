/** What may be in a package, an image or an archive. Whatever is not in these lists is not needed there, or has its reason to be entered. */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The files of a folder and all below it, as paths from there. */
export const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()

/** What `npm run build` makes. */
const BUILT: readonly RegExp[] = [
  /^dist\/main\.js$/,
  /^dist\/[\w.-]+-[\w-]{8}\.js$/,
  /^dist\/store\/(?:copies\/copier|database\/checkpointer)\.js$/,
  /^dist\/(?:web\/)?THIRD-PARTY-NOTICES\.md$/,
  /^dist\/web\/(?:index\.html|manifest\.webmanifest)(?:\.br|\.gz)?$/,
  /^dist\/web\/(?:apple-touch-icon|icon-192|icon-512|icon-maskable)\.png$/,
  /^dist\/web\/assets\/[\w.-]+-[\w-]{8}\.(?:js|css|svg)(?:\.br|\.gz)?$/,
]

/** What npm publishes. */
export const PUBLISHED: readonly RegExp[] = [...BUILT, /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/]

/** The packages that the program finds beside it: the database, what serves the documentation of REST, and what these need. */
const PACKAGES =
  `@fastify/accept-negotiator @fastify/deepmerge @fastify/error @fastify/send @fastify/static @fastify/swagger-ui
  @isaacs/nonrecursive-glob-match @lukeed/ms balanced-match better-sqlite3 brace-expansion content-disposition cookie depd escape-html
  fast-decode-uri-component fastify-plugin fastq glob http-errors inherits light-my-request lru-cache mime minimatch minipass
  openapi-types path-scurry process-warning reusify rfdc set-cookie-parser setprototypeof statuses toidentifier yaml`.split(
    /\s+/,
  )

/** In these it may have folders, but no packages of its own, no C and no binaries. */
const WITHIN = '(?!node_modules/|prebuilds/|deps/|src/)(?:.+/)?'
const FILE = '(?:[^/]+\\.(?:[cm]?js|json|html|css|svg|png)|(?:licen[cs]e|LICEN[CS]E)(?:\\.\\w+)?)'

/** What an image holds above its base, for a platform. */
export const imageFiles = (platform: string): RegExp[] => [
  ...BUILT,
  /^(?:package\.json|LICENSE)$/,
  new RegExp(`^(?:node_modules/(?:${PACKAGES.join('|')})/)+${WITHIN}${FILE}$`),
  new RegExp(`^node_modules/better-sqlite3/prebuilds/${platform}\\.node$`),
]

/** What is in the archive besides. */
export const ARCHIVED: readonly RegExp[] = [
  /^bin\/(?:node|LICENSE)$/,
  /^(?:CHANGELOG\.md|thermo2mqtt\.service|example\.yaml)$/,
]

/** Files that no list names. */
export const unexpected = (files: readonly string[], lists: readonly RegExp[]): string[] =>
  files.filter((file) => !lists.some((pattern) => pattern.test(file)))
