import { usePage } from '../hooks/context.ts'
import { LookControls } from '../parts/look-controls.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { PasswordForm } from './password.tsx'

/** Shown first to anybody who signs in with a password made by the bridge. */
export function FirstPassword() {
  const { texts, enter, leave, me } = usePage()
  return (
    <main class="sign-in" id="content" tabIndex={-1}>
      <PageTitle>{texts.say('password.firstTitle')}</PageTitle>
      <p>{texts.say('password.firstWhy')}</p>
      {me.value && <PasswordForm name={me.value.name} changed={enter} />}
      <button type="button" class="quiet" onClick={() => void leave()}>
        {texts.say('app.signOut')}
      </button>
      <LookControls />
    </main>
  )
}
