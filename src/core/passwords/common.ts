/**
 * Passwords that attackers try first. Lists of them contain millions, mostly variants of a few hundred words and
 * keyboard rows: with digits around them, in capitals, or with symbols for letters. So one of these is removed, and
 * enough must be left. Several words in a row are not on such lists.
 */

/**
 * From published lists of the most common passwords, in the page's three languages, and words of this program's field.
 */
const WORDS: readonly string[] = (
  'password passwort passwd pass motdepasse contraseña geheim secret1 secret2 parol parole пароль gfhjkm login ' +
  'user username root admin administrator guest test tester testing default master manager operator service ' +
  'support system letmein welcome changeme changemeplease pleasechangeme please enter open access hello ' +
  'iloveyou loveyou lovely love sweetheart darling honey baby princess prince angel sunshine flower butterfly ' +
  'rainbow summer winter spring autumn monkey dragon tiger lion panther eagle falcon wolf cookie chocolate ' +
  'banana orange purple silver golden diamond whatever nothing superman batman spiderman pokemon naruto ' +
  'starwars matrix shadow killer ranger soldier warrior freedom trustno michael michelle jessica jennifer ' +
  'ashley daniel thomas robert jordan charlie andrew joshua matthew nicole hannah samantha alexander football ' +
  'baseball basketball soccer hockey liverpool arsenal chelsea barcelona juventus ferrari mercedes porsche ' +
  'mustang harley yamaha corvette computer internet google facebook samsung apple iphone windows linux ubuntu ' +
  'debian raspberry server router modem network wifi wireless security private family friends forever blessed ' +
  'jesus christ heaven mother father money business company office london paris berlin moscow kiev kyiv ' +
  'ukraine russia america canada привет ghbdtn любовь люблю солнце зайка котик наташа настя сергей андрей ' +
  'александр максим дмитрий россия украина україна киев київ москва кохання сонечко сонце привіт слава героям ' +
  'марина natasha nastya sergey andrey aleksandr maksim dima зенит спартак динамо thermo2mqtt thermo ' +
  'thermostat thermostats terneo welrok mqtt mosquitto broker bridge homeassistant hass assistant smarthome ' +
  'smart home house heating heat floor zigbee'
).split(' ')

/** Keyboard rows and alphabets; parts of them are recognised in both directions. */
const ROWS: readonly string[] = [
  ...['1234567890', '0123456789', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'yxcvbnm', 'azertyuiop'],
  ...['йцукенгшщзхъ', 'фывапролджэ', 'фівапролджє', 'ячсмитьбю', 'abcdefghijklmnopqrstuvwxyz', 'абвгдежзийклмн'],
  // Keyboard columns, and rows typed alternately.
  ...[
    '1qaz2wsx3edc4rfv5tgb',
    'qazwsxedcrfvtgb',
    'zaq12wsxcde34rfv',
    '1q2w3e4r5t6y7u8i9o0p',
    'q1w2e3r4t5y6u7i8o9p0',
    'й1ц2у3к4е5',
  ],
]

/** Symbols that stand for letters; a 1 can be either of two. */
const SIGNS: readonly Readonly<Record<string, string>>[] = ['i', 'l'].map((one) => ({
  ...{ '@': 'a', '4': 'a', '3': 'e', '0': 'o', $: 's', '5': 's', '7': 't', '!': 'i', '|': 'l', '1': one },
}))

const SHORTEST_RUN = 4
/** How many uncommon characters must be left. */
const ENOUGH = 3
/** Attackers also try digits and symbols around a word: a year, and a few more. */
const USUAL_DIGITS = 4

/**
 * Whether a password is one that attackers try first.
 * @param names other words that are not secret: the name of the user
 */
export function isCommonPassword(password: string, names: readonly string[] = []): boolean {
  const text = folded(password)
  if (isDate(text) || new Set(text).size <= 3) return true
  const half = text.slice(0, text.length / 2)
  const once = half + half === text ? half : text
  const readings = [once, ...SIGNS.map((signs) => [...once].map((sign) => signs[sign] ?? sign).join(''))]
  const words = [...names.map(folded).filter(({ length }) => length >= 3), ...WORDS]
  return readings.some((reading) => left(reading, words) < ENOUGH)
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

/** Birthdays, with or without dots. */
const isDate = (text: string): boolean =>
  /^((19|20)\d\d[01]\d[0-3]\d|[0-3]\d[01]\d(19|20)\d\d|[01]\d[0-3]\d(19|20)\d\d)$/.test(text.replace(/[./-]/g, ''))

/** How much of a text remains without keyboard rows, a common word and the usual digits. */
function left(text: string, words: readonly string[]): number {
  const all = text.replace(/[\s._-]/g, '')
  const rests = words.filter((word) => all.includes(word)).map((word) => withoutRuns(all.replaceAll(word, '')))
  return Math.min(...[withoutRuns(all), ...rests].map((rest) => remaining(rest, rest !== all)))
}

function remaining(rest: string, shortened: boolean): number {
  const letters = rest.replace(/[^\p{L}]/gu, '').length
  return letters + Math.max(0, rest.length - letters - (shortened ? USUAL_DIGITS : 0))
}

/** Removes keyboard rows, forwards and backwards, and repeated characters. */
function withoutRuns(text: string): string {
  let rest = ''
  for (let at = 0; at < text.length; ) {
    const run = Math.max(repeated(text, at), ...ROWS.map((row) => along(text, at, row)))
    if (run >= SHORTEST_RUN) at += run
    else rest += text.charAt(at++)
  }
  return rest
}

function repeated(text: string, at: number): number {
  let length = 1
  while (text.charAt(at + length) === text.charAt(at) && at + length < text.length) length++
  return length
}

/** How many characters from `at` on follow a row, in either direction. */
function along(text: string, at: number, row: string): number {
  let longest = 0
  for (const order of [row, [...row].reverse().join('')]) {
    const start = order.indexOf(text.charAt(at))
    if (start < 0) continue
    let length = 0
    while (at + length < text.length && text.charAt(at + length) === order.charAt(start + length)) length++
    longest = Math.max(longest, length)
  }
  return longest
}
