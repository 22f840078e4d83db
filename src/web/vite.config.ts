/** Builds the page into dist/web; every file except the first has a hash in its name and a compressed copy. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Compressed once here, so that a small machine need not compress for every browser. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    writeBundle({ dir = '' }) {
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || /\.(br|gz|md|png)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const content = readFileSync(path)
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
        writeFileSync(`${path}.br`, brotliCompressSync(content))
      }
    },
  }
}

/** All files of texts of one language become one. */
const languageOf = (path: string) => (path.includes('plain-english') ? 'en' : basename(path, '.json'))

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  base: './',
  publicDir: here('public'),
  logLevel: 'warn',
  plugins: [compressed()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('../../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    license: { fileName: 'THIRD-PARTY-NOTICES.md' },
    // The server's policy allows no data: in scripts and styles, and the page needs no polyfill, which would be inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // How long the plugins took is nothing that somebody who starts the bridge has to read.
      checks: { bundlerTimings: false },
      output: { codeSplitting: { groups: [{ test: /\.json$/, name: languageOf, debugName: 'texts' }] } },
    },
  },
})
