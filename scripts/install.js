// Installs what package-lock.json names, unless that is what is there already. Run before anything is installed, by whatever
// Node the machine has: so this is plain JavaScript, without dependencies.
import { execSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const installed = 'node_modules/.package-lock.json'
const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs

if (!isCurrent) {
  console.log('Installing dependencies (once)')
  // Not `npm ci`: it refuses a lock file that lacks optional packages of platforms which the registry does not have.
  execSync('npm install --no-save --no-audit --no-fund --loglevel=error', { stdio: 'inherit' })
}
