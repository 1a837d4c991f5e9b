//! Reads whole trees and lists what the scan of texts finds, never the values: for judging precision by eye.
//!
//! `AUTHLINT_TREES=/a:/b cargo test --release --test secrets_in_trees -- --nocapture`; without the variable nothing is read.
//! `AUTHLINT_FOREIGN_TREES` names trees of public code that has nothing to do with the vendor: there any finding of any rule is wrong.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::path::Path;
use std::time::Instant;

use authlint::project::kind::FileKind;
use authlint::secrets::{SecretKind, scan};
use authlint::source::{FileId, SourceFile};
use ignore::WalkBuilder;

const LOCKFILES: [&str; 8] =
    ["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "composer.lock", "Cargo.lock", "poetry.lock", "uv.lock"];

#[test]
fn lists_the_secrets_of_given_trees() {
    let Some(trees) = std::env::var_os("AUTHLINT_TREES") else { return };
    let (mut files, mut bytes, mut seconds) = (0_usize, 0_usize, 0.0);
    for tree in std::env::split_paths(&trees) {
        let walk = WalkBuilder::new(&tree)
            .standard_filters(false)
            .follow_links(false)
            .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some("node_modules" | ".git")))
            .build();
        for entry in walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
            let path = entry.path();
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| LOCKFILES.contains(&name)) {
                continue;
            }
            let Some(text) = std::fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { continue };
            let relative = path.strip_prefix(&tree).unwrap_or(path).to_string_lossy().into_owned();
            // The first folder names the project of a corpus; it is not part of the project's own paths.
            let inner = relative.split_once('/').map_or(relative.as_str(), |(_, inner)| inner);
            let start = Instant::now();
            let found = scan(&text, inner, FileKind::of(Path::new(inner)));
            seconds += start.elapsed().as_secs_f64();
            files += 1;
            bytes += text.len();
            if found.is_empty() {
                continue;
            }
            let source = SourceFile::new(FileId(0), relative.as_str().into(), path.to_owned(), text.as_str().into());
            for secret in found {
                let kind = match &secret.kind {
                    SecretKind::ApiKey => "api-key",
                    SecretKind::LoginJwt(_) => "login-jwt",
                    SecretKind::SipPassword => "sip-password",
                    SecretKind::OauthClientSecret => "oauth-secret",
                };
                let name = secret.name.unwrap_or_default();
                println!("{relative}:{} {kind} {} {name} {}", source.line_of(secret.span.start), secret.confidence.as_str(), secret.why);
            }
        }
    }
    println!("{files} files, {bytes} bytes, {seconds:.2} s in the scan");
}

/// Fewer files than this prove nothing.
const FOREIGN_FILES: usize = 10_000;

#[test]
fn trees_without_the_vendor_have_no_findings() {
    let Some(trees) = std::env::var_os("AUTHLINT_FOREIGN_TREES") else { return };
    let (mut files, mut found) = (0, Vec::new());
    for tree in std::env::split_paths(&trees) {
        let outcome = authlint::check(&authlint::CheckRequest { root: tree.clone(), ..Default::default() }).unwrap();
        files += outcome.counts.files_read;
        found.extend(outcome.findings.iter().map(|finding| {
            let file = outcome.sources.get(finding.primary.file).map(|file| file.path.to_string());
            format!("{}: {} {}", tree.display(), file.unwrap_or_default(), finding.rule)
        }));
    }
    println!("{files} files read, {} findings", found.len());
    assert!(files >= FOREIGN_FILES, "only {files} files");
    assert_eq!(found, Vec::<String>::new());
}
