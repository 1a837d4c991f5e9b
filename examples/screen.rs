//! Discovers and screens a tree, and prints the files with anchors: the cost of a run before anything is parsed.
//!
//! `cargo run --release --example screen -- FOLDER`

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::time::Instant;

use authlint::project::{AnchorSet, DiscoverOptions, Project, Screener, discover};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let root = root.canonicalize()?;
    let start = Instant::now();
    let mut notices = Vec::new();
    let discovery = discover(std::slice::from_ref(&root), &DiscoverOptions::new(root.clone()), &mut notices);
    let walked = start.elapsed();
    let seen = discovery.candidates.len();
    let screener = Screener::new(["TelnyxRTC", "telephony_credentials"])?;
    let project = Project::load(&root, discovery.candidates, &screener, &mut notices);
    let read_at = start.elapsed();
    let telnyx = project.files().iter().filter(|file| file.anchors.intersects(AnchorSet::TELNYX));
    for file in telnyx {
        println!("{}", file.path);
    }
    let specifiers: usize = project.iter().map(|(id, _)| project.specifiers(id).count()).sum();
    eprintln!(
        "{seen} candidates, {} binary, {} skipped folders, walk {walked:?}, walk + screen {read_at:?}, {specifiers} specifiers, {} notices",
        discovery.binary,
        discovery.skipped.len(),
        notices.len()
    );
    Ok(())
}
