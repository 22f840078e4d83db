/**
 * Builds the program into dist: our code and the packages that it needs, in a few files, by what is needed together. Node.js would
 * else find, read and keep thousands of small ones, which is half of a start.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const SRC = fileURLToPath(new URL('./src/', import.meta.url))

/** What is started by itself: the program, and what it runs as processes of their own. */
const ENTRIES = ['main', 'store/copies/copier', 'store/database/checkpointer']

/**
 * Packages that stay beside the program, as `dependencies` of package.json: two find files of their own beside them, and one is
 * seldom asked for by another that is always loaded.
 */
const BESIDE = ['better-sqlite3', '@fastify/swagger-ui', 'light-my-request']

/** Packages that Fastify would ask for if it were not told what to use instead. Nobody installs them with the program. */
const UNUSED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler']

/** What nearly everything needs, and is too little for files of its own. The log and the list of bad passwords are not: they load much. */
const SMALL = /\/src\/(version|core\/(?!yaml)[^/]+|core\/network\/addresses)\.ts$/

/** A file of ours finds others from where it is: that stays where it would be if it were built by itself. */
function inPlace(): Plugin {
  return {
    name: 'in-place',
    transform(code, id) {
      if (!id.startsWith(SRC) || !code.includes('import.meta.url')) return null
      const place = id.slice(SRC.length).replace(/\.ts$/, '.js')
      return code.replaceAll('import.meta.url', `new URL('./${place}', import.meta.url).href`)
    },
  }
}

/** V8 keeps the source of what runs, and takes twice the room for all of a file in which one letter is beyond Latin-1. */
function inLatin1(): Plugin {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
  return {
    name: 'in-latin1',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\xff]/g, escaped)
    },
  }
}

export default defineConfig({
  publicDir: false,
  logLevel: 'warn',
  plugins: [inPlace(), inLatin1()],
  ssr: { noExternal: true, external: [...BESIDE, ...UNUSED] },
  build: {
    ssr: true,
    outDir: 'dist',
    target: 'node22',
    // What is built in is passed on with its licence; packages that stay apart bring theirs.
    license: { fileName: 'THIRD-PARTY-NOTICES.md' },
    rolldownOptions: {
      // How long the plugins took is nothing that somebody who starts the bridge has to read.
      checks: { bundlerTimings: false },
      input: Object.fromEntries(ENTRIES.map((name) => [name, `${SRC}${name}.ts`])),
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
        comments: false,
        codeSplitting: { groups: [{ name: 'core', test: SMALL }] },
      },
    },
  },
})
