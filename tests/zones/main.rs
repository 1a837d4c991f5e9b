//! The zones of hand-picked files of public apps, against a table of facts that a person wrote from reading the code.
//!
//! `facts.tsv`: repository, commit, path, zone, why. The checkouts are not part of this repository: name the folder that holds
//! them (`owner__name` each) in `AUTHLINT_CORPUS`, then run `cargo test --test zones -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod view;

use std::collections::BTreeMap;
use std::path::PathBuf;

use authlint::analysis::zones::Zones;
use authlint::analysis::zones::view::ProjectView;

const FACTS: &str = include_str!("facts.tsv");

/// The table's rows: repository, commit, path, zone, why.
fn facts() -> Vec<[&'static str; 5]> {
    let rows = FACTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split('\t').collect::<Vec<_>>().try_into().expect(line)).collect()
}

#[test]
fn every_fact_is_well_formed() {
    let mut seen = std::collections::BTreeSet::new();
    for [repository, commit, path, zone, why] in facts() {
        assert!(repository.contains('/') && commit.len() == 40, "{repository} {commit}");
        assert!(["client", "server", "both", "build", "development"].contains(&zone), "{path}: {zone}");
        assert!(!why.is_empty() && seen.insert((repository, path)), "{path}");
    }
}

#[test]
#[ignore = "needs the checkouts of public repositories"]
fn zones_agree_with_the_facts() {
    let corpus = PathBuf::from(std::env::var_os("AUTHLINT_CORPUS").expect("AUTHLINT_CORPUS names the folder of checkouts"));
    let mut by_repository: BTreeMap<&str, Vec<[&str; 5]>> = BTreeMap::new();
    for fact in facts() {
        by_repository.entry(fact[0]).or_default().push(fact);
    }
    let (mut right, mut all) = (0, 0);
    for (repository, facts) in by_repository {
        let project = view::OnDisk::open(&corpus.join(repository.replace('/', "__")));
        let zones = Zones::new(&project, &project.frameworks);
        for [_, _, path, expected, why] in facts {
            all += 1;
            let Some(file) = project.find(path) else {
                println!("{repository} {path}: not in the project");
                continue;
            };
            let zone = zones.zone_of(file);
            if zone.kind.as_str() == expected {
                right += 1;
            } else {
                println!(
                    "{repository} {path}\n    fact    {expected}: {why}\n    zone    {:?} {:?}: {}",
                    zone.kind,
                    zone.confidence,
                    zone.because.join(" → ")
                );
            }
        }
    }
    println!("{right} of {all} right");
    assert!(right * 100 >= all * 95, "{right} of {all}");
}
