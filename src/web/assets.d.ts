/** Styles, which the build includes. */
declare module '*.css'
