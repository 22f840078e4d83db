import { useCallback, useEffect, useState } from 'preact/hooks'
import { encode } from 'uqr'
import type { Me, TotpActivateAnswer, TotpSetupAnswer } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { type Task, useTask } from '../hooks/use-task.ts'
import { CodeField } from '../parts/fields.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import { PasswordField } from './password-field.tsx'

/** The user's own second factor: set up, switched on with a code, switched off with password and code. */
export function SecondFactor() {
  const { texts, client } = usePage()
  const [me, setMe] = useState<Me | null>(null)
  const [setup, setSetup] = useState<TotpSetupAnswer | null>(null)
  const [recovery, setRecovery] = useState<readonly string[] | null>(null)
  const task = useTask()
  const look = useCallback(async () => setMe(await client.get<Me>('/api/v1/me')), [client])
  useEffect(() => task.run(look), [look])
  const begin = () =>
    task.run(async () => setSetup(await client.send<TotpSetupAnswer>('POST', '/api/v1/auth/totp/setup')))
  const activate = (token: string) =>
    task.run(async () => {
      const answer = await client.send<TotpActivateAnswer>('POST', '/api/v1/auth/totp/activate', { token })
      setSetup(null)
      setRecovery(answer.recovery_codes)
      await look()
    })
  const deactivate = (password: string, token: string) =>
    task.run(async () => {
      await client.send('POST', '/api/v1/auth/totp/deactivate', { password, token })
      setRecovery(null)
      await look()
    })
  if (!me?.user) return null
  const on = me.user.totp
  return (
    <section class="panel" aria-label={texts.say('security.totp')}>
      <h2>{texts.say('security.totp')}</h2>
      <p role="status">{texts.say(on ? 'security.totpOn' : 'security.totpOff')}</p>
      {recovery && <Recovery codes={recovery} />}
      {!on && !setup && (
        <button type="button" onClick={begin} disabled={task.busy}>
          {texts.say('security.totpSetUp')}
        </button>
      )}
      {setup && <Activation setup={setup} task={task} activate={activate} />}
      {on && <Deactivation task={task} deactivate={deactivate} />}
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}

function Recovery({ codes }: { codes: readonly string[] }) {
  const { texts } = usePage()
  return (
    <div class="notice good">
      <p>{texts.say('security.recovery')}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  )
}

interface ActivationProps {
  readonly setup: TotpSetupAnswer
  readonly task: Task
  readonly activate: (token: string) => void
}

function Activation({ setup, task, activate }: ActivationProps) {
  const { texts } = usePage()
  const [code, setCode] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        activate(code.trim())
      }}
    >
      <p>{texts.say('security.totpScan')}</p>
      <QrCode text={setup.provisioning_uri} label={texts.say('security.totpQr')} />
      <p class="small break">{texts.say('security.totpSecret', { secret: setup.secret_key })}</p>
      <CodeField value={code} set={setCode} />
      <button type="submit" class="primary" disabled={task.busy}>
        {texts.say('security.totpActivate')}
      </button>
    </form>
  )
}

function Deactivation({ task, deactivate }: { task: Task; deactivate: (password: string, token: string) => void }) {
  const { texts } = usePage()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        deactivate(password, code.trim())
      }}
    >
      <PasswordField label="signIn.password" value={password} set={setPassword} />
      <CodeField value={code} set={setCode} />
      <button type="submit" disabled={task.busy}>
        {texts.say('security.totpDeactivate')}
      </button>
    </form>
  )
}

/** Drawn here in the browser, because its contents are secret. Dark on light in both themes, for cameras. */
function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 2 })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
