import { usePage } from '../hooks/context.ts'
import { LookControls } from '../parts/look-controls.tsx'
import { PasswordForm, useMe } from './password.tsx'

/** Shown first to anybody who signs in with a password made by the bridge. */
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
