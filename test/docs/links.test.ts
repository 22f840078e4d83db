/** Links between the documents lead somewhere, and no file speaks of what is no part of the product. */
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { anchors, exists, links, PAGES, read, repositoryFiles, tables } from './support.ts'

const DOCUMENTS = [
  ...PAGES,
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  '.github/PULL_REQUEST_TEMPLATE.md',
  'src/README.md',
  'src/DECISIONS.md',
  'src/cloud/README.md',
  'test/bench/README.md',
  'test/faults/README.md',
  'test/guardian/README.md',
  'test/homeassistant-real/README.md',
  'config/README.md',
  'config/TOPICS.md',
  'config/PARAMETERS.md',
  'config/REST.md',
  'docker/homeassistant/README.md',
  'docker/homeassistant/app/CHANGELOG.md',
  'docker/homeassistant/app/DOCS.md',
  'docker/homeassistant/app/README.md',
  'test/fixtures/README.md',
]

/** The links of `path` that lead nowhere. */
function deadLinks(path: string, text: string): string[] {
  return links(text).filter((target) => {
    if (/^[a-z]+:/.test(target)) return true
    const [file = '', anchor] = target.split('#', 2)
    const found = file === '' ? path : normalize(join(dirname(path), file))
    if (file !== '' && !exists(found)) return true
    return anchor !== undefined && !anchors(file === '' ? text : read(found)).has(anchor)
  })
}

t.test('links and anchors resolve', async (t) => {
  const bad = [
    '[a](nowhere.md)',
    '[a](#nowhere)',
    '[a](src/README.md#nowhere)',
    '[a](../README.md)',
    '[a](https://a.example)',
  ]
  for (const link of bad) t.same(deadLinks('README.md', link).length, 1, link)
  t.same(deadLinks('README.md', '# A word, two\n[a](#a-word-two) `[b](c)`\n```\n[d](e)\n```\n'), [])
  for (const path of DOCUMENTS) t.same(deadLinks(path, read(path)), [], path)
})

t.test('every document is in the list above', async (t) => {
  const files = repositoryFiles()
  if (!files) return t.pass('no repository here')
  t.same(
    files.filter((path) => path.endsWith('.md') && !DOCUMENTS.includes(path)),
    [],
  )
})

t.test('the index of docs/ lists every page with its question, which the page answers at once', async (t) => {
  const listed = tables(read('docs/README.md')).flat().slice(2)
  const pages = PAGES.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')
  const questionOf = (path: string) => /^# (.+)$/m.exec(read(path))?.[1]
  t.ok(pages.length > 15)
  t.same(
    listed.map(([question, page = '']) => [links(page).map((target) => `docs/${target}`), question]).sort(),
    pages.map((path) => [[path], questionOf(path)]).sort(),
  )
  // No heading, list or table stands between.
  t.same(
    pages.filter((path) => !/^(?:<!--.*-->\n\n)?# .+\n\n[\p{L}*`]/u.test(read(path))),
    [],
  )
})

t.test('the README is short', async (t) => {
  t.ok(read('README.md').split('\n').length <= 151)
})

t.test('tables have as many cells in each row', async (t) => {
  const uneven = (text: string) => tables(text).filter((rows) => rows.some((row) => row.length !== rows[0]?.length))
  t.equal(uneven('| a | b |\n|---|---|\n| c |\n').length, 1)
  t.same(uneven('| a | b |\n|---|---|\n| c \\| d | `e` |\n\n| f |\n|---|\n'), [])
  for (const path of DOCUMENTS) t.same(uneven(read(path)), [], path)
})

/** Put together here, since this file is looked through as well. */
const FOREIGN: readonly [what: string, pattern: RegExp][] = [
  ['the number of an issue', /(?:^|[\s([])#\d{1,4}(?=$|[\s).,;:\]])/m],
  ['a folder of a machine', new RegExp(`(?:^|[^\\w.])/${'wo'}rk/`)],
  ['a package registry', new RegExp(['registry', '(npmjs|yarnpkg)'].join('\\.'))],
  ['a helper', new RegExp(['sub', 'agent'].join('-?'), 'i')],
  ['a tool', new RegExp(['\\bcla', 'ude\\b'].join(''), 'i')],
  ['a maker', new RegExp(['\\bAI', '(generated|assisted|written)'].join('[- ]'), 'i')],
]

const foreign = (text: string): string[] => FOREIGN.filter(([, pattern]) => pattern.test(text)).map(([what]) => what)

t.test('files speak of the product alone', async (t) => {
  const bad = [
    `see ${'#'}12.`,
    `(${'#'}3)`,
    `in /${'wo'}rk/x`,
    `https://registry.${'npmjs'}.org`,
    `a sub${'agent'}`,
    `${'AI'}-generated`,
  ]
  for (const text of bad) t.equal(foreign(text).length, 1, text)
  for (const text of ['# 12 things', 'network/work', '#a12', 'colour #fff', 'said', '--x=#'])
    t.same(foreign(text), [], text)
  const files = repositoryFiles()
  if (!files) return t.pass('no repository here')
  // Pictures hold everything somewhere.
  const texts = files.filter((path) => !path.endsWith('.png'))
  const found = texts.map((path) => [path, ...foreign(read(path))]).filter(([, what]) => what !== undefined)
  t.same(found, [])
})
