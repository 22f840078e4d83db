import { useEffect, useState } from 'preact/hooks'
import type { Pending } from '../../api/client.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { CodeField } from '../parts/fields.tsx'
import { LookControls } from '../parts/look-controls.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { PasswordField } from './password-field.tsx'

/** The command for the machine itself if nobody knows the password. */
const RESET = 'thermo2mqtt user password admin'

export function SignIn() {
  const { texts, ended } = usePage()
  const [ingress, setIngress] = useState<string | null>(null)
  const [pending, setPending] = useState<Pending | null>(null)
  return (
    <main class="sign-in" id="content" tabIndex={-1}>
      <PageTitle>thermo2mqtt</PageTitle>
      {ended.value !== null && (
        <p class="notice warn" role="status">
          {texts.find(`ended.${ended.value}`) ?? texts.say('ended.unknown')}
        </p>
      )}
      {!pending && <ThroughIngress name={ingress} set={setIngress} />}
      {pending ? (
        <SecondStep pending={pending} back={() => setPending(null)} />
      ) : (
        <FirstStep next={setPending} canStay={ingress === null} />
      )}
      <LookControls />
      <p class="small">
        {texts.say('signIn.lost')} <code>{RESET}</code>
      </p>
    </main>
  )
}

/** For users signed in by Home Assistant who have signed out. */
function ThroughIngress({ name, set }: { name: string | null; set: (name: string | null) => void }) {
  const { texts, client, enter } = usePage()
  const task = useTask()
  useEffect(() => {
    client.ingressName().then(set, () => undefined)
  }, [client])
  if (name === null) return null
  const go = () => task.run(async () => ((await client.enterThroughIngress()) ? enter() : set(null)))
  return (
    <>
      <button type="button" class="primary" disabled={task.busy} onClick={go}>
        {texts.say('signIn.ingress', { name })}
      </button>
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}

interface FirstStepProps {
  readonly next: (pending: Pending) => void
  /** Not within Home Assistant, whose browser storage the page shares there. */
  readonly canStay: boolean
}

function FirstStep({ next, canStay }: FirstStepProps) {
  const { texts, client, enter } = usePage()
  const [user, setUser] = useState('admin')
  const [password, setPassword] = useState('')
  const [stay, setStay] = useState(false)
  const task = useTask()
  const submit = (event: Event) => {
    event.preventDefault()
    task.run(async () => {
      const pending = await client.login(user, password, stay && canStay)
      if (pending) next(pending)
      else await enter()
    })
  }
  return (
    <form onSubmit={submit}>
      <label>
        {texts.say('signIn.user')}
        <input
          value={user}
          onInput={(event) => setUser(event.currentTarget.value)}
          autocomplete="username"
          autocapitalize="none"
          required
        />
      </label>
      <PasswordField label="signIn.password" value={password} set={setPassword} />
      {canStay && (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={stay}
              aria-describedby="stay-hint"
              onChange={({ currentTarget }) => setStay(currentTarget.checked)}
            />
            {texts.say('signIn.stay')}
          </label>
          <p id="stay-hint" class="small">
            {texts.say('signIn.stayHint')}
          </p>
        </>
      )}
      <button type="submit" class="primary" disabled={task.busy}>
        {texts.say('signIn.submit')}
      </button>
      {task.failure && <FailureNotice failure={task.failure} />}
    </form>
  )
}

function SecondStep({ pending, back }: { pending: Pending; back: () => void }) {
  const { texts, client, enter } = usePage()
  const [code, setCode] = useState('')
  const task = useTask()
  const submit = (event: Event) => {
    event.preventDefault()
    task.run(async () => {
      await client.verify(pending, code.trim())
      await enter()
    })
  }
  return (
    <form onSubmit={submit}>
      <CodeField hint={texts.say('signIn.codeHint')} value={code} set={setCode} />
      <button type="submit" class="primary" disabled={task.busy}>
        {texts.say('signIn.verify')}
      </button>
      <button type="button" class="quiet" onClick={back}>
        {texts.say('signIn.back')}
      </button>
      {task.failure && <FailureNotice failure={task.failure} />}
    </form>
  )
}
