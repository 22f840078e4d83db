/** The notes of a release are cut out of CHANGELOG.md. */
import t from 'tap'
import { parse } from 'yaml'
import { notesOf, versionOf } from '../../.ci/release-notes.ts'
import { read } from '../docs/support.ts'

const CHANGELOG = `# Changelog

About it.

## Unreleased

- Not yet.

## 1.10.0 (2026-12-01)

### Page

- A dial. See "## 1.1.0" of old.

## 1.1.0

- Older.

## 1.0.0
`

t.test('the part of one version', async (t) => {
  t.equal(notesOf(CHANGELOG, '1.10.0'), '### Page\n\n- A dial. See "## 1.1.0" of old.\n')
  t.equal(notesOf(CHANGELOG, '1.1.0'), '- Older.\n')
})

t.test('a version without notes is not released', async (t) => {
  t.throws(() => notesOf(CHANGELOG, '1.1'), /no heading "## 1\.1"/)
  t.throws(() => notesOf(CHANGELOG, '2.0.0'), /no heading/)
  t.throws(() => notesOf(CHANGELOG, '1.0.0'), /says nothing about 1\.0\.0/)
  t.throws(() => notesOf('## 1.0.0', '1.0.0'), /says nothing/)
})

t.test('the tag and all files name one version', async (t) => {
  t.equal(versionOf('v1.2.3', { a: '1.2.3', b: '1.2.3' }), '1.2.3')
  t.equal(versionOf('v2.0.0-beta.1', {}), '2.0.0-beta.1')
  for (const tag of ['1.2.3', 'v1.2', 'v1.2.3 ', 'v1.2.3/../x', '', 'vX'])
    t.throws(() => versionOf(tag, {}), /not the tag/)
  t.throws(() => versionOf('v1.2.3', { a: '1.2.3', b: '1.2.2', c: undefined }), /b says 1\.2\.2, c says undefined/)
})

t.test('the files of this repository agree, and the changelog can be cut', async (t) => {
  const { version } = JSON.parse(read('package.json'))
  const app = parse(read('docker/homeassistant/app/config.yaml'))
  t.equal(versionOf(`v${version}`, { lock: JSON.parse(read('package-lock.json')).version, app: app.version }), version)
  const [first = ''] = /^## (\S+)/m.exec(read('CHANGELOG.md'))?.slice(1) ?? []
  t.ok(notesOf(read('CHANGELOG.md'), first).length > 10, first)
})
