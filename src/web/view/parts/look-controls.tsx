import { isLanguage, LANGUAGES } from '../../i18n/index.ts'
import { THEMES } from '../../state/look.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'

/** Language and appearance. */
export function LookControls() {
  const { texts, look } = usePage()
  const change = useTask()
  const choose = (language: string) => {
    if (!isLanguage(language)) return
    change.run(async () => {
      await texts.speak(language)
      localStorage.setItem('thermo2mqtt.language', language)
    })
  }
  return (
    <>
      <div class="row">
        <label>
          {texts.say('app.language')}
          <select value={texts.language} onChange={({ currentTarget: { value } }) => choose(value)}>
            {LANGUAGES.map(({ language, name }) => (
              <option key={language} value={language} lang={language}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {texts.say('app.theme')}
          <select
            value={look.theme.value}
            onChange={({ currentTarget: { value } }) => {
              look.theme.value = THEMES.find((theme) => theme === value) ?? 'auto'
            }}
          >
            {THEMES.map((theme) => (
              <option key={theme} value={theme}>
                {texts.lookUp('theme', theme)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {change.failure && (
        <p class="notice bad" role="alert">
          {texts.say('app.languageFailed')}
        </p>
      )}
    </>
  )
}
