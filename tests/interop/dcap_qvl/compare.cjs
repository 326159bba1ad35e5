// Asks independent verifiers and ours about the same simulated quotes and collateral, whole and
// spoilt. usage: compare.cjs QUOTECTL SOCKET STATE_DIR WORK_DIR [RUST_REFEREE]
'use strict';
const { execFileSync, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { QuoteVerifier } = require('@phala/dcap-qvl');
const { referenceCollateral } = require('./reference_collateral.cjs');

const [quotectl, socket, stateDir, work, rustReferee] = process.argv.slice(2);
const now = Math.floor(Date.now() / 1000);
const run = (...args) => execFileSync(quotectl, args, { stdio: ['ignore', 'pipe', 'pipe'] });
const read = (dir, name) => fs.readFileSync(path.join(dir, name));

function rust(quote, dir) {
  const [root, collateral, file] = ['root.der', 'collateral.json', 'asked-rust.bin']
    .map((name) => path.join(work, name));
  fs.writeFileSync(root, new crypto.X509Certificate(read(dir, 'root.pem')).raw);
  fs.writeFileSync(collateral, JSON.stringify(referenceCollateral(dir)));
  fs.writeFileSync(file, quote);
  const answer = execFileSync(rustReferee, [root, collateral, String(now), file],
    { encoding: 'utf8' });
  const [, verdict, rest] = /^(accepted|refused) (.*)/s.exec(answer);
  return { accepted: verdict === 'accepted', status: verdict === 'accepted' ? rest.trim() : null,
    why: verdict === 'accepted' ? null : rest.trim() };
}

function javascript(quote, dir) {
  const root = new crypto.X509Certificate(read(dir, 'root.pem')).raw;
  try {
    const report = QuoteVerifier.newWithRootCa(root).verify(quote, referenceCollateral(dir), now);
    return { accepted: true, status: report.status };
  } catch (error) {
    return { accepted: false, status: null, why: String(error.message) };
  }
}

function ours(quote, dir) {
  const file = path.join(work, 'asked.bin');
  fs.writeFileSync(file, quote);
  const answer = spawnSync(quotectl, ['verify', file, '--collateral', dir, '--root',
    path.join(dir, 'root.pem'), '--time', String(now), '--json'], { encoding: 'utf8' });
  if (answer.status > 2 || answer.status === null) throw new Error(answer.stderr);
  const verdict = JSON.parse(answer.stdout);
  return { accepted: answer.status < 2, status: verdict.tcb_status, why: verdict.reason };
}

let compared = 0;
let failures = 0;
function expect(what, quote, dir, wanted) {
  const own = ours(quote, dir);
  const right = wanted === null ? !own.accepted : own.status === wanted;
  if (!right) console.log(`WRONG ${what}: quotectl ${JSON.stringify(own)}, wanted ${wanted}`);
  failures += right ? 0 : 1;
  for (const referee of rustReferee ? [javascript, rust] : [javascript]) {
    const theirs = referee(quote, dir);
    compared += 1;
    if (theirs.accepted === own.accepted && theirs.status === own.status) continue;
    failures += 1;
    console.log(`DIFFERS ${what}: ${referee.name} ${JSON.stringify(theirs)}, `
      + `quotectl ${JSON.stringify(own)}`);
  }
}

function collateral(name, ...options) {
  const dir = path.join(work, name);
  run('sim', 'collateral', '--state-dir', stateDir, '--out', dir, '--time', String(now), ...options);
  return dir;
}

const quoteFile = path.join(work, 'quote.bin');
const reportFile = path.join(work, 'report.bin');
run('report', '--socket', socket, '--out', reportFile);
run('quote', reportFile, '--socket', socket, '--out', quoteFile);
const quote = fs.readFileSync(quoteFile);

const today = collateral('today');
expect('a fresh quote', quote, today, 'UpToDate');
for (const status of ['SWHardeningNeeded', 'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded', 'OutOfDate', 'OutOfDateConfigurationNeeded']) {
  expect(`TCB status ${status}`, quote, collateral(status, '--status', status), status);
}
expect('a revoked TCB', quote, collateral('Revoked', '--status', 'Revoked'), null);
expect('a revoked PCK', quote, collateral('pck', '--revoke', 'pck'), null);
expect('a revoked CA', quote, collateral('ca', '--revoke', 'intermediate'), null);
expect('a TDX quote for SGX collateral', quote, collateral('fmspc', '--fmspc', '00906ED50000'), null);

// One bit in each signed part, and a cut at every boundary. The certificates' own unused bits are
// left alone: encodings that mean the same are accepted by both.
const certificationData = 1052;
for (let offset = 0; offset < certificationData; offset += 17) {
  // The length fields: a spoilt one may leave a quote that is only shorter.
  if ((offset >= 432 && offset < 436) || (offset >= 1012 && offset < 1014)) continue;
  const spoilt = Buffer.from(quote);
  spoilt[offset] ^= 1 << (offset % 8);
  expect(`bit ${offset % 8} of byte ${offset}`, spoilt, today, null);
}
for (const size of [0, 48, 432, 436, 500, 564, 948, 1012, 1046, 1052, quote.length - 1]) {
  expect(`the first ${size} bytes`, quote.subarray(0, size), today, null);
}
for (const file of ['tcb_info.json', 'qe_identity.json']) {
  const dir = path.join(work, `edited-${file}`);
  fs.cpSync(today, dir, { recursive: true });
  const text = read(dir, file).toString();
  fs.writeFileSync(path.join(dir, file), text.replace('"tcbStatus":"OutOfDate"',
    '"tcbStatus":"UpToDate"'));
  expect(`${file} edited after signing`, quote, dir, null);
}

console.log(`${compared} verdicts compared, ${failures} differ`);
process.exit(failures === 0 ? 0 : 1);
