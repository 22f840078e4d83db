/** Invisible characters, and those that reverse the text around them. U+200D is allowed: it joins emoji and letters. */
const UNSEEN = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

/** Whether it is one line of visible characters, so that it does not change how the text around it looks. */
export const isVisible = (text: string): boolean => !UNSEEN.test(text)
