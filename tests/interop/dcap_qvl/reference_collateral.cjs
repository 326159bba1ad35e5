'use strict';
const fs = require('node:fs');
const path = require('node:path');

const read = (dir, name) => fs.readFileSync(path.join(dir, name));

// The collateral in the referee's shape; its documents are the exact bytes of ours.
function referenceCollateral(dir) {
  const signed = (name, member) => {
    const text = read(dir, name).toString();
    const { signature } = JSON.parse(text);
    const body = text.slice(`{"${member}":`.length, text.lastIndexOf(',"signature"'));
    return [body, signature];
  };
  const [tcbInfo, tcbInfoSignature] = signed('tcb_info.json', 'tcbInfo');
  const [qeIdentity, qeIdentitySignature] = signed('qe_identity.json', 'enclaveIdentity');
  return {
    pck_crl_issuer_chain: read(dir, 'pck_crl_issuer_chain.pem').toString(),
    root_ca_crl: read(dir, 'root_ca_crl.der').toString('hex'),
    pck_crl: read(dir, 'pck_crl.der').toString('hex'),
    tcb_info_issuer_chain: read(dir, 'tcb_info_issuer_chain.pem').toString(),
    tcb_info: tcbInfo,
    tcb_info_signature: tcbInfoSignature,
    qe_identity_issuer_chain: read(dir, 'qe_identity_issuer_chain.pem').toString(),
    qe_identity: qeIdentity,
    qe_identity_signature: qeIdentitySignature,
  };
}

module.exports = { referenceCollateral };
