import { runFolder } from './folder.ts'

await runFolder('catalog')
