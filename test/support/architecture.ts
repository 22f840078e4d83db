/** The rules that keep the parts apart: which folder may import from which, and what no file may hold. */
import { codeOf, type Import, importsOf, lineAt, type Sources } from './source-scan.ts'

interface Directions {
  /** Folders, or single files, that may be imported. Its own folder always may. */
  readonly from: readonly string[]
  /** The same, but only as `import type`. */
  readonly types?: readonly string[]
}

/** The words of the catalog in the languages that there are: texts alone, of which the page loads one. */
const LOCALES = ['words.ts', 'words', 'names'].map((name) => `catalog/locales/${name}`)

/** What those who show the bridge or command it know of the devices: their ports, and lists and rules that are the same for all. */
const OF_DEVICES = [
  'devices/ports.ts',
  'devices/commands/actions.ts',
  'devices/facts/called.ts',
  'devices/facts/given-name.ts',
  'devices/house/suggested-room.ts',
  'devices/house/types.ts',
  'devices/news/command-events.ts',
  'devices/plan/offers.ts',
  'devices/reading/poller.ts',
  'devices/schedule/file.ts',
  'devices/schedule/house.ts',
]

/** Which folder of src may import from which. */
export const DIRECTIONS: Readonly<Record<string, Directions>> = {
  core: { from: [] },
  catalog: { from: [] },
  protocol: { from: ['catalog', 'core'] },
  lan: { from: ['protocol', 'catalog', 'core'] },
  cloud: { from: ['core'] },
  store: { from: ['core'], types: ['history/types.ts'] },
  devices: { from: ['protocol', 'catalog', 'core'], types: ['updates/types.ts'] },
  history: { from: ['core'], types: ['devices/ports.ts'] },
  guardian: { from: ['core'], types: ['devices/ports.ts', 'history/types.ts'] },
  messages: { from: ['core'], types: ['devices/ports.ts'] },
  mqtt: { from: [...OF_DEVICES, 'catalog', 'core'] },
  homeassistant: { from: [...OF_DEVICES, 'catalog', 'core'], types: ['mqtt/topics.ts', 'mqtt/port.ts'] },
  conventions: { from: [...OF_DEVICES, 'catalog', 'core'], types: ['mqtt/port.ts'] },
  updates: { from: ['core'] },
  homie: { from: ['conventions', ...OF_DEVICES, 'catalog', 'core'] },
  wirenboard: { from: ['conventions', ...OF_DEVICES, 'catalog', 'core'] },
  api: { from: [...OF_DEVICES, 'history/types.ts', 'catalog', 'core'] },
  // A second source of what the devices say, and another way to them.
  native: {
    from: [
      'devices/ports.ts',
      'devices/link',
      'devices/facts/sensors.ts',
      'protocol',
      'catalog',
      'core',
      'mqtt/topics.ts',
    ],
    types: ['devices/reading/second-source.ts', 'mqtt/port.ts'],
  },
  // The page runs elsewhere: it knows the shapes of REST, and the words for what REST says in English.
  web: { from: LOCALES, types: ['api/schemas', 'devices/schedule/types.ts'] },
  config: { from: ['core'] },
  simulator: { from: ['core'] },
  'version.ts': { from: ['core'] },
}

/** Where the program is put together: these may import everything, and nothing but they themselves may import them. */
export const TOP = ['main.ts', 'app.ts', 'app', 'commands']

export const MOST_LINES = 300

/** How many files a folder holds, its index aside, before it has rooms. */
export const MOST_FILES = 12

/** Folders that may hold more, each with its reason. */
export const CROWDED: Readonly<Record<string, string>> = {
  'test/bench': 'one file for each thing that is measured, and for its floor',
  'test/faults': 'one file for each kind of fault, and the rig for all of them',
  'test/suites': 'each file is one process of the tests',
  'test/support': 'tools for the tests of all folders, each small and for itself',
}

export const partOf = (path: string): string => path.split('/')[0] ?? path

export const within = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path === place || path.startsWith(`${place}/`))

function mayImport(path: string, { to, kind }: Import): boolean {
  const part = partOf(path)
  if (TOP.includes(part)) return true
  const { from, types = [] } = DIRECTIONS[part] ?? { from: [] }
  return within(to, [part, ...from]) || (kind === 'type' && within(to, types))
}

export function badDirections(sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) => {
    const part = partOf(path)
    if (!TOP.includes(part) && !(part in DIRECTIONS)) return [`${path}: ${part} is not in the table of directions`]
    const imports = importsOf(path, source).filter(({ ours }) => ours)
    return imports.filter((found) => !mayImport(path, found)).map(({ to }) => `${path} imports ${to}`)
  })
}

/**
 * Ways from a file back to itself, be it by values, by types alone or by what is loaded later: whoever reads one file of a circle
 * has to read them all.
 */
export function cycles(sources: Sources): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const { to, ours } of importsOf(path, sources.get(path) ?? '')) if (ours) visit(to, [...trail, path])
    done.add(path)
  }
  for (const path of sources.keys()) visit(path, [])
  return found
}

/**
 * The rooms of a folder (`''` for all of src, else with `/` at its end) as if each were one file, which imports what any of its
 * files does. Files beside the rooms are left out.
 */
export function asRooms(sources: Sources, folder: string): Sources {
  const roomOf = (path: string) =>
    path.startsWith(folder) ? /^[^/]+(?=\/)/.exec(path.slice(folder.length))?.[0] : undefined
  const rooms = new Map<string, string>()
  for (const [path, source] of sources) {
    const room = roomOf(path)
    if (room === undefined) continue
    const others = importsOf(path, source).map(({ to }) => roomOf(to))
    const lines = others.flatMap((other) => (other === undefined || other === room ? [] : [`import './${other}'\n`]))
    rooms.set(room, `${rooms.get(room) ?? ''}${lines.join('')}`)
  }
  return rooms
}

/** Places in the code of every file (comments and texts aside) that match `pattern`. */
export function places(sources: Sources, pattern: RegExp, except: readonly string[] = []): string[] {
  return [...sources].flatMap(([path, source]) => {
    if (within(path, except)) return []
    const code = codeOf(source)
    return [...code.matchAll(pattern)].map((match) => `${path}:${lineAt(code, match.index)}: ${match[0].trim()}`)
  })
}

/** At the top level a line begins without indent: the formatter sees to that. */
export const moduleVariables = (sources: Sources) => places(sources, /^(export )?(let|var)\b.*/gm)

export const moduleCollections = (sources: Sources) =>
  places(sources, /^(export )?const \w+(?!: Readonly(Set|Map)\b)(: [^=]*)? = new (Weak)?(Map|Set)\b/gm)

export const exits = (sources: Sources) =>
  places(sources, /\bprocess\s*(\?\.|\.)\s*(exit|reallyExit|abort)\s*\(/g, ['main.ts'])

export const anyTypes = (sources: Sources) => places(sources, /([:<,|&(=]|\bas)\s*any\b(?!\s*(:|\(|=>))/g)

export const nonNull = (sources: Sources) => places(sources, /[\w)\]]!(?=[.[\]),;:]|\n)/g)

export function tooLong(sources: Sources): string[] {
  const lines = (source: string) => source.trimEnd().split('\n').length
  return [...sources].filter(([, source]) => lines(source) > MOST_LINES).map(([path]) => path)
}

export function crowded(sources: Sources): string[] {
  const files = new Map<string, number>()
  for (const path of sources.keys()) {
    const room = path.slice(0, path.lastIndexOf('/'))
    if (!/(^|\/)index\.tsx?$/.test(path)) files.set(room, (files.get(room) ?? 0) + 1)
  }
  return [...files].flatMap(([room, count]) => (count > MOST_FILES && !(room in CROWDED) ? [room] : []))
}

export const of = (files: Readonly<Record<string, string>>): Sources => new Map(Object.entries(files))
