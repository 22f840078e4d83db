/** The log of the bridge: by level and by what it says, live. */

import { useEffect, useState } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'
import { useMade } from '../hooks/use-made.ts'
import { useTask } from '../hooks/use-task.ts'
import { copyText } from '../parts/copy-text.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { saveFile } from '../parts/save-file.ts'
import { SearchField } from '../parts/search-field.tsx'
import { type Chosen, isUnrecorded, LEVELS, type Line, textOf } from './lines.ts'
import { Row } from './row.tsx'
import { type Log, useLog } from './use-log.ts'

/** Milliseconds after the last letter before the bridge is asked. */
const SETTLE_MS = 250
/** As long as the text of the button says. */
const MINUTES = 15

/** On the system page: the way to the log. */
export function LogLink() {
  const { texts } = usePage()
  return (
    <section class="panel" aria-label={texts.say('log.title')}>
      <h2>{texts.say('log.title')}</h2>
      <p>
        <a href="#/log">{texts.say('log.open')}</a>
      </p>
    </section>
  )
}

export function LogPage() {
  const { texts } = usePage()
  const [level, setLevel] = useState<Chosen>('info')
  const [typed, setTyped] = useState('')
  const [paused, setPaused] = useState(false)
  const search = useSettled(typed)
  const log = useLog(level, search, paused)
  return (
    <>
      <PageTitle>{texts.say('log.title')}</PageTitle>
      <p class="small">{texts.say('log.text')}</p>
      <search class="tools" aria-label={texts.say('log.title')}>
        <SearchField label="log.search" search={typed} change={setTyped} />
        <select
          aria-label={texts.say('log.level')}
          value={level}
          onChange={({ currentTarget: { value } }) => setLevel(LEVELS.find((name) => name === value) ?? 'info')}
        >
          {LEVELS.map((name) => (
            <option key={name} value={name}>
              {texts.say(`log.level.${name}`)}
            </option>
          ))}
        </select>
        <div class="ranges">
          <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {texts.say('log.pause')}
          </button>
          <Take lines={log.lines} />
        </div>
      </search>
      <Recording level={level} log={log} changed={() => setPaused(false)} />
      <Status>{paused ? texts.say('log.paused') : ''}</Status>
      {log.failure && <FailureNotice failure={log.failure} />}
      {log.log !== '' && log.lines.length === 0 && <p>{texts.say('log.none')}</p>}
      <Lines lines={log.lines} search={search} />
    </>
  )
}

/** What was typed, once nothing more is typed. */
function useSettled(typed: string): string {
  const [settled, setSettled] = useState(typed)
  useEffect(() => {
    const id = setTimeout(() => setSettled(typed), SETTLE_MS)
    return () => clearTimeout(id)
  }, [typed])
  return settled
}

/** Copies the lines, or saves them as a file. */
function Take({ lines }: { lines: readonly Line[] }) {
  const { texts } = usePage()
  /** Whether it worked; null until it is known. */
  const [copied, setCopied] = useState<boolean | null>(null)
  const text = () => `${lines.map(textOf).join('\n')}\n`
  const copy = () => {
    setCopied(null)
    copyText(text()).then(setCopied, () => setCopied(false))
  }
  return (
    <>
      <button type="button" disabled={lines.length === 0} onClick={copy}>
        {texts.say('log.copy')}
      </button>
      <button
        type="button"
        disabled={lines.length === 0}
        onClick={() => saveFile('thermo2mqtt-log.txt', new Blob([text()], { type: 'text/plain' }))}
      >
        {texts.say('log.download')}
      </button>
      <Status>{copied !== null && texts.say(copied ? 'log.copied' : 'log.notCopied')}</Status>
    </>
  )
}

/** How much is recorded, where that is less than somebody wants to see or other than the settings say. */
function Recording({ level, log, changed }: { level: Chosen; log: Log; changed: () => void }) {
  const { texts, client } = usePage()
  const task = useTask()
  const { recording } = log
  if (!recording) return null
  const recorded = texts.say(`log.level.${recording.level}`)
  const change = (method: string, body?: object) =>
    task.run(async () => {
      await client.send(method, '/api/v1/log/recording', body)
      // The next look shows it.
      changed()
    })
  const lacking = isUnrecorded(level, recording.level)
  return (
    <>
      {(lacking || recording.until !== null) && (
        <div class="notice warn">
          <p>
            {recording.until === null
              ? texts.say('log.unrecorded', { level: recorded })
              : texts.say('log.until', { time: texts.moment(recording.until), level: recorded })}
          </p>
          {lacking && (
            <button type="button" disabled={task.busy} onClick={() => change('PUT', { level, minutes: MINUTES })}>
              {texts.say('log.record')}
            </button>
          )}
          {recording.until !== null && (
            <button type="button" disabled={task.busy} onClick={() => change('DELETE')}>
              {texts.say('log.usual')}
            </button>
          )}
        </div>
      )}
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}

/** The newest first. */
function Lines({ lines, search }: { lines: readonly Line[]; search: string }) {
  const rowOf = useMade((line: Line) => <Row key={line.seq} line={line} search={search} />, [search])
  return <ol class="log">{lines.map(rowOf).reverse()}</ol>
}
