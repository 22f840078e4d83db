import { useState } from 'preact/hooks'
import type { RestoredJson, UploadJson } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { type Task, useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { saveFile } from '../parts/save-file.ts'
import { PasswordField } from '../users/password-field.tsx'

/** The minimum that the bridge requires. */
const SHORTEST = 12

export function Backup() {
  const { texts, client } = usePage()
  const [typed, setTyped] = useState({ passphrase: '', again: '', password: '' })
  const [made, setMade] = useState('')
  const task = useTask()
  const { passphrase, again, password } = typed
  const differ = again !== '' && again !== passphrase
  const make = () =>
    task.run(async () => {
      const { name, content } = await client.file('/api/v1/backup', { passphrase, password })
      saveFile(name, content)
      setMade(name)
      setTyped({ passphrase: '', again: '', password: '' })
    })
  return (
    <section class="panel" aria-label={texts.say('backup.title')}>
      <h2>{texts.say('backup.title')}</h2>
      <p class="small">{texts.say('backup.text')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (passphrase === again) make()
        }}
      >
        <PasswordField
          label="backup.passphrase"
          value={passphrase}
          set={(value) => setTyped({ ...typed, passphrase: value })}
          fresh={SHORTEST}
        />
        <PasswordField
          label="backup.again"
          value={again}
          set={(value) => setTyped({ ...typed, again: value })}
          fresh={SHORTEST}
        />
        <p class="small">{texts.say('backup.hint')}</p>
        {differ && <p class="bad">{texts.say('password.differ')}</p>}
        <PasswordField
          label="backup.password"
          value={password}
          set={(value) => setTyped({ ...typed, password: value })}
        />
        <button type="submit" disabled={task.busy || differ}>
          {texts.say('backup.make')}
        </button>
      </form>
      <Status>
        {task.busy ? texts.say('common.loading') : task.done ? texts.say('backup.made', { name: made }) : ''}
      </Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}

/** First the file, so that its description is visible; then its passphrase. */
export function Restore() {
  const { texts, client } = usePage()
  const [file, setFile] = useState<File | null>(null)
  const [upload, setUpload] = useState<UploadJson | null>(null)
  const [restored, setRestored] = useState<RestoredJson | null>(null)
  const task = useTask()
  const send = (chosen: File) =>
    task.run(async () => setUpload(await client.send<UploadJson>('POST', '/api/v1/restore', chosen)))
  const restore = ({ id }: UploadJson, passphrase: string, password: string) =>
    task.run(async () => {
      setRestored(await client.send<RestoredJson>('POST', `/api/v1/restore/${id}`, { passphrase, password }))
      setUpload(null)
    })
  return (
    <section class="panel" aria-label={texts.say('restore.title')}>
      <h2>{texts.say('restore.title')}</h2>
      <p class="small">{texts.say('restore.text')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (file) send(file)
        }}
      >
        <label>
          {texts.say('restore.file')}
          <input
            type="file"
            onChange={(event) => {
              setFile(event.currentTarget.files?.[0] ?? null)
              setUpload(null)
              task.reset()
            }}
            required
          />
        </label>
        <button type="submit" disabled={task.busy || file === null}>
          {texts.say('restore.upload')}
        </button>
      </form>
      {upload && <Opening upload={upload} task={task} restore={restore} />}
      <Status>{task.busy ? texts.say('common.loading') : ''}</Status>
      <div role="status">{restored && <Outcome restored={restored} />}</div>
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}

interface OpeningProps {
  readonly upload: UploadJson
  readonly task: Task
  readonly restore: (upload: UploadJson, passphrase: string, password: string) => void
}

function Opening({ upload, task, restore }: OpeningProps) {
  const { texts } = usePage()
  const { created, version } = upload
  const [passphrase, setPassphrase] = useState('')
  const [password, setPassword] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        restore(upload, passphrase, password)
      }}
    >
      <p>
        {created === null || version === null
          ? texts.say('restore.sealed')
          : texts.say('restore.found', { time: texts.time(created), version })}
      </p>
      <PasswordField label="backup.passphrase" value={passphrase} set={setPassphrase} />
      <PasswordField label="backup.password" value={password} set={setPassword} />
      <button type="submit" class="primary" disabled={task.busy}>
        {texts.say('restore.go')}
      </button>
    </form>
  )
}

function Outcome({ restored }: { restored: RestoredJson }) {
  const { texts } = usePage()
  const { devices, keys, users, restarting } = restored
  return (
    <div class="notice good">
      <p>{texts.say('restore.done', { devices, keys, users: users.join(', ') || '–' })}</p>
      <p>{texts.say(restarting ? 'restore.anew' : 'restore.restart')}</p>
    </div>
  )
}
