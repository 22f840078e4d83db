import { useState } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'
import { saveFile } from '../parts/save-file.ts'

/** A file for people who help: the download is exactly what was shown. */
export function Diagnostics() {
  const { texts, client } = usePage()
  const [text, setText] = useState<string | null>(null)
  const task = useTask()
  const make = () =>
    task.run(async () => setText(`${JSON.stringify(await client.get<unknown>('/api/v1/diagnostics'), null, 2)}\n`))
  const save = (content: string) => {
    const day = new Date().toISOString().slice(0, 10)
    saveFile(`thermo2mqtt-diagnostics-${day}.json`, new Blob([content], { type: 'application/json' }))
  }
  return (
    <section class="panel" aria-label={texts.say('diagnostics.title')}>
      <h2>{texts.say('diagnostics.title')}</h2>
      <p class="small">{texts.say('diagnostics.text')}</p>
      <button type="button" disabled={task.busy} onClick={make}>
        {texts.say('diagnostics.make')}
      </button>
      {text !== null && (
        <>
          {/* A field: it scrolls, can be reached by keys, searched and copied. */}
          <label>
            {texts.say('diagnostics.content')}
            <textarea class="file" rows={16} readOnly value={text} />
          </label>
          <button type="button" class="primary" onClick={() => save(text)}>
            {texts.say('diagnostics.download')}
          </button>
        </>
      )}
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}
