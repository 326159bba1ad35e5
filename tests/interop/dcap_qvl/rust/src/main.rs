//! An independent verifier as referee; serves this test only.
//! usage: referee ROOT_DER COLLATERAL_JSON UNIX_TIME QUOTE
//! Prints "accepted STATUS" or "refused REASON".
use dcap_qvl::{verify::QuoteVerifier, QuoteCollateralV3};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let read = |index: usize| std::fs::read(&arguments[index]).expect("a readable file");
    let collateral: QuoteCollateralV3 =
        serde_json::from_slice(&read(2)).expect("collateral as JSON");
    let now: u64 = arguments[3].parse().expect("seconds since 1970");
    match QuoteVerifier::new(read(1)).verify(&read(4), &collateral, now) {
        // Without a policy this crate reports a revoked level and leaves the judgement to its caller.
        Ok(report) if report.status != "Revoked" => println!("accepted {}", report.status),
        Ok(_) => println!("refused the TCB level is revoked"),
        Err(error) => println!("refused {error:#}"),
    }
}
