/** The form with which an account signs in, and is saved. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'
import { CodeField } from '../parts/fields.tsx'
import { FailureNotice, Status } from '../parts/notice.tsx'
import type { UsedSignIn } from './use-sign-in.ts'

interface SignInFormProps {
  readonly signIn: UsedSignIn
  readonly submit: () => void
  readonly label: string
  readonly primary: boolean
  readonly children: ComponentChildren
}

/** The fields, or in their place the field for a code while one is asked for; then the fields are back as they were. */
export function SignInForm({
  signIn: { task, waiting, ...signIn },
  submit,
  label,
  primary,
  children,
}: SignInFormProps) {
  const { texts } = usePage()
  const sent = (event: Event) => {
    event.preventDefault()
    submit()
  }
  return (
    <>
      {waiting ? (
        <>
          <CodeForm from={waiting.code_from} busy={task.busy} submit={signIn.submit} />
          <button type="button" class="quiet" disabled={task.busy} onClick={signIn.cancel}>
            {texts.say('common.cancel')}
          </button>
        </>
      ) : (
        <form onSubmit={sent}>
          {children}
          <button type="submit" class={primary ? 'primary' : ''} disabled={task.busy}>
            {label}
          </button>
        </form>
      )}
      <Status>
        {task.busy
          ? texts.say('setup.signingIn')
          : task.done
            ? texts.say(waiting ? 'setup.codeFirst' : 'setup.saved')
            : ''}
      </Status>
      {task.failure && <FailureNotice failure={task.failure} title={texts.say('setup.notSaved')} />}
    </>
  )
}

interface CodeFormProps {
  readonly from: string | null
  readonly busy: boolean
  readonly submit: (code: string) => void
}

/** Asks for a code, and says where it comes from as far as that is known. */
export function CodeForm({ from, busy, submit }: CodeFormProps) {
  const { texts } = usePage()
  const [code, setCode] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit(code.trim())
      }}
    >
      <CodeField
        label="accounts.code"
        hint={texts.lookUp('accounts.codeFrom', from ?? 'unknown')}
        value={code}
        set={setCode}
      />
      <button type="submit" class="primary" disabled={busy}>
        {texts.say('accounts.submit')}
      </button>
    </form>
  )
}
