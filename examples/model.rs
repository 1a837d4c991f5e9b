//! Prints the auth model of a project: what the rules see. For working on the analysis.
//!
//! `cargo run --example model -- FOLDER`

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use authlint::analysis::auth;
use authlint::analysis::workspace::Workspace;
use authlint::catalog::Catalog;
use authlint::project::{DiscoverOptions, Project, Screener, discover};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = std::fs::canonicalize(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()))?;
    let mut notices = Vec::new();
    let discovery = discover(std::slice::from_ref(&root), &DiscoverOptions::new(root.clone()), &mut notices);
    let catalog = Catalog::builtin()?;
    let screener = Screener::new(catalog.anchors())?;
    let workspace = Workspace::new(Project::load(&root, discovery.candidates, &screener, &mut notices), catalog);
    let model = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn_scoped(scope, || format!("{:#?}", auth::build(&workspace, &mut Vec::new())))?
            .join()
            .map_err(|_| "panic")
            .map_err(Box::<dyn std::error::Error>::from)
    })?;
    println!("{model}");
    Ok(())
}
