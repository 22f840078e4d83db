import { runFolder } from './folder.ts'

// Mostly waiting for the programs that it starts, so that the others have the processor meanwhile.
await runFolder('commands')
