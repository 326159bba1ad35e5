// How long an independent verifier takes for a quote: prints microseconds and the verifier's name.
// usage: referee.cjs WORLD_DIR COUNT, with the package reachable through NODE_PATH.
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { QuoteVerifier } = require('@phala/dcap-qvl');
const { version } = require('@phala/dcap-qvl/package.json');
const { referenceCollateral } = require('../../tests/interop/dcap_qvl/reference_collateral.cjs');

const [dir, count] = process.argv.slice(2);
const collateral = referenceCollateral(dir);
const quote = fs.readFileSync(path.join(dir, 'quote.bin'));
const root = new crypto.X509Certificate(fs.readFileSync(path.join(dir, 'root.pem'))).raw;
const at = Number(fs.readFileSync(path.join(dir, 'time')));
const verify = () => QuoteVerifier.newWithRootCa(root).verify(quote, collateral, at);
for (let i = 0; i < 3; i += 1) verify();
const before = process.cpuUsage();
for (let i = 0; i < Number(count); i += 1) verify();
const { user, system } = process.cpuUsage(before);
console.log(`${(user + system) / Number(count)} @phala/dcap-qvl ${version}, JavaScript`);
