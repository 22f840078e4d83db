import { useState } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { PasswordField } from './password-field.tsx'

const EMPTY = { current: '', next: '', again: '' }

/** A new password for the signed-in user. `changed` is called when that has signed out other sessions. */
export function Password({ changed }: { changed: () => void }) {
  const { texts, me: known } = usePage()
  const me = known.value
  if (!me?.user) return null
  return (
    <section class="panel" aria-label={texts.say('password.title')}>
      <h2>{texts.say('password.title')}</h2>
      {me.user.password_fixed ? (
        <p>{texts.say('password.fixed')}</p>
      ) : (
        <PasswordForm name={me.name} changed={changed} />
      )}
    </section>
  )
}

/** The form for it. */
export function PasswordForm({ name, changed }: { name: string; changed: () => void | Promise<void> }) {
  const { texts, client } = usePage()
  const [typed, setTyped] = useState(EMPTY)
  const task = useTask()
  const differ = typed.again !== '' && typed.again !== typed.next
  const change = () =>
    task.run(async () => {
      await client.send('POST', '/api/v1/password', { current: typed.current, new: typed.next })
      setTyped(EMPTY)
      await changed()
    })
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.next === typed.again) change()
        }}
      >
        {/* A password manager stores it under this name. */}
        <input
          type="text"
          class="hidden"
          value={name}
          autocomplete="username"
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <PasswordField
          label="password.current"
          value={typed.current}
          set={(current) => setTyped({ ...typed, current })}
        />
        <PasswordField label="password.new" value={typed.next} set={(next) => setTyped({ ...typed, next })} fresh={8} />
        <PasswordField
          label="password.again"
          value={typed.again}
          set={(again) => setTyped({ ...typed, again })}
          fresh={8}
        />
        <p class="small">{texts.say('password.hint')}</p>
        {differ && <p class="bad">{texts.say('password.differ')}</p>}
        <button type="submit" class="primary" disabled={task.busy || differ}>
          {texts.say('password.change')}
        </button>
      </form>
      <Status>{task.done ? texts.say('password.done') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}
