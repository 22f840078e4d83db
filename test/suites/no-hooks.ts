/**
 * tap follows every promise through a hook of Node.js, to tell which test a stray error is of. That took up to three quarters
 * of the processor's time of a folder's tests. Without the hook a stray error ends the process, which fails the suite and
 * shows where the error came from. A file that is run by itself has the hook.
 *
 * To be imported before tap.
 */
import hooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

const { createHook } = hooks
hooks.createHook = () => createHook({})
syncBuiltinESMExports()
