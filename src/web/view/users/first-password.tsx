import { usePage } from '../parts/context.ts'
import { LookControls } from '../parts/look-controls.tsx'
import { PasswordForm, useMe } from './password.tsx'

/** What comes before everything else for whoever signs in with a password that the bridge made. */
export function FirstPassword() {
  const { texts, client, enter } = usePage()
  const me = useMe()
  return (
    <main class="sign-in" id="content" tabIndex={-1}>
      <h1>{texts.say('password.firstTitle')}</h1>
      <p>{texts.say('password.firstWhy')}</p>
      {me && <PasswordForm name={me.name} changed={enter} />}
      <button type="button" class="quiet" onClick={() => void client.logout().catch(() => undefined)}>
        {texts.say('app.signOut')}
      </button>
      <LookControls />
    </main>
  )
}
