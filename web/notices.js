// The licences of what the bundle contains, as the text that goes with it. A licence not listed here stops the build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ACCEPTED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'PSF-2.0'];

export function thirdPartyNotices(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([folder, entry]) => folder !== '' && !entry.dev && existsSync(join(root, folder)))
    .map(([folder, entry]) => notice(folder.split('node_modules/').at(-1), entry, join(root, folder)))
    .join(`\n${'-'.repeat(78)}\n\n`);
}

function notice(name, { version, license }, folder) {
  if (!ACCEPTED.includes(license)) {
    throw new Error(`${name} ${version} has the licence ${license}, which notices.js does not accept`);
  }
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n') + '\n';
}
