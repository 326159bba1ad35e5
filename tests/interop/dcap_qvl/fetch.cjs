// Lets an independent client fetch collateral from quoted-pcs and judge a simulated quote with it.
// usage: fetch.cjs QUOTECTL WORK_DIR PCCS_URL
'use strict';
const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { QuoteVerifier, getCollateral } = require('@phala/dcap-qvl');

const [quotectl, work, pccs] = process.argv.slice(2);
const run = (...args) => execFileSync(quotectl, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const drill = (...args) => run('sim', ...args, '--world', path.join(work, 'world'));

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The daemon is certified in the background, so its first quotes may be refused.
async function quoteOfDaemon() {
  const socket = path.join(work, 'aesm.socket');
  const [report, quote] = ['report.bin', 'quote.bin'].map((name) => path.join(work, name));
  for (let attempt = 0; ; attempt += 1) {
    try {
      execFileSync(quotectl, ['report', '--socket', socket, '--out', report], { stdio: 'pipe' });
      execFileSync(quotectl, ['quote', report, '--socket', socket, '--out', quote],
        { stdio: 'pipe' });
      return fs.readFileSync(quote);
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(200);
    }
  }
}

let failures = 0;
async function expect(what, quote, root, wanted) {
  let verdict;
  try {
    const collateral = await getCollateral(pccs, quote);
    const now = Math.floor(Date.now() / 1000);
    verdict = QuoteVerifier.newWithRootCa(root).verify(quote, collateral, now).status;
  } catch (error) {
    verdict = `refused: ${error.message}`;
  }
  const right = wanted === null ? verdict.startsWith('refused') : verdict === wanted;
  console.log(`${right ? 'ok' : 'WRONG'} ${what}: ${verdict}`);
  failures += right ? 0 : 1;
}

async function main() {
  const response = await fetch(`${pccs}/Intel_SGX_Provisioning_Certification_RootCA.pem`);
  const root = new crypto.X509Certificate(await response.text()).raw;
  const quote = await quoteOfDaemon();
  await expect('a fresh world', quote, root, 'UpToDate');
  drill('advisory', '--status', 'SWHardeningNeeded');
  await expect('an advisory', quote, root, 'SWHardeningNeeded');
  drill('tcb-recovery');
  await expect('a node that was not upgraded', quote, root, 'OutOfDate');
  for (const kind of ['404', '500', '503', 'truncated-body', 'wrong-signature', 'stale-document']) {
    drill('fault', 'set', 'tcb', kind);
    await expect(`TCB info with the fault ${kind}`, quote, root, null);
  }
  drill('fault', 'clear');
  drill('revoke', '--platform', 'default');
  await expect('a revoked platform', quote, root, null);
  drill('revoke', '--platform', 'default', '--undo');
  drill('expire');
  await expect('expired documents', quote, root, null);
  drill('expire', '--undo');
  await expect('all drills taken back', quote, root, 'OutOfDate');
  process.exit(failures === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
