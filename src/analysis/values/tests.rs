//! Whole small apps under `fixtures/origins/`: where the asked values come from, compared with what was written by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use super::{Origin, OriginKind, Site, Values};
use crate::analysis::unit::Unit;
use crate::hir::{ExprId, Literal};
use crate::session;

fn apps() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/origins");
    let mut apps: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    apps.sort();
    apps
}

fn what(values: &Values<'_>, origin: &Origin) -> String {
    let unit = values.unit(origin.at.file);
    let text = |site: &Site| {
        let unit = values.unit(site.file).unwrap();
        let args = match &unit.module[site.expr].kind {
            crate::hir::ExprKind::Call { args, .. } => args.clone(),
            _ => Vec::new(),
        };
        let url = args.first().map(|arg| values.text(Site { file: site.file, expr: arg.expr }).pattern()).unwrap_or_default();
        let method = args.get(1).and_then(|arg| {
            let method = values.origins(Site { file: site.file, expr: arg.expr }, &["method".into()]);
            method.iter().find_map(|origin| match &origin.kind {
                OriginKind::Literal(Literal::String(method)) => Some(format!("{method} ")),
                _ => None,
            })
        });
        format!("response `{}{url}`", method.unwrap_or_default())
    };
    let what = match &origin.kind {
        OriginKind::Literal(_) => "literal".to_owned(),
        OriginKind::Env { name, .. } => format!("env {name}"),
        OriginKind::Response(site) => text(site),
        OriginKind::Storage(key) => format!("storage {}", key.as_deref().unwrap_or("?")),
        OriginKind::UserInput => "user input".to_owned(),
        OriginKind::PageUrl => "page url".to_owned(),
        OriginKind::Package { package, .. } => format!("package {package}"),
        other => format!("{other:?} {:?}", origin.path),
    };
    let place = unit.map_or_else(String::new, |unit| {
        format!("{}:{}", values.workspace.path(origin.at.file), unit.source.line_of(origin.at.span.start))
    });
    let derived = if origin.derived { " (derived)" } else { "" };
    format!("{what} {place}{derived}")
}

fn asked(unit: &Unit, question: &str) -> ExprId {
    let (before, rest) = question.split_once('«').unwrap();
    let (inside, after) = rest.split_once('»').unwrap();
    let whole = format!("{before}{inside}{after}");
    let text = unit.source.slice(crate::source::Span::new(0, unit.source.text.len()));
    assert_eq!(text.matches(&whole).count(), 1, "{question}");
    let start = text.find(&whole).unwrap() + before.len();
    let end = start + inside.len();
    (0..u32::try_from(unit.module.exprs.len()).unwrap())
        .map(ExprId)
        .find(|expr| unit.module[*expr].span.range() == (start..end))
        .unwrap_or_else(|| panic!("no expression {question}"))
}

#[test]
fn origins_of_small_apps() {
    let mut wrong = String::new();
    let only = std::env::var("AUTHLINT_ONLY").ok();
    for app in apps() {
        let name = app.file_name().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let expected = std::fs::read_to_string(app.join("origins.txt")).unwrap();
        let mut questions: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in expected.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            match line.strip_prefix("  ") {
                Some(origin) => drop(questions.last_mut().unwrap().1.insert(origin.to_owned())),
                None => questions.push((line.to_owned(), BTreeSet::new())),
            }
        }
        let report = session::run(&app, &[".".into()], |mut session| {
            session.parse_anchored(false)?;
            let values = Values::new(&session.workspace);
            let mut report = String::new();
            for (question, expected) in &questions {
                let (path, text) = question.split_once(": ").unwrap();
                let unit = values.unit(session.workspace.project.file_by_path(path).unwrap()).unwrap();
                let site = Site { file: unit.file, expr: asked(unit, text) };
                let origins = values.origins(site, &[]);
                let found: BTreeSet<String> = origins.iter().map(|origin| what(&values, origin)).collect();
                if &found != expected || std::env::var("AUTHLINT_TRAIL").is_ok() {
                    report += &format!("\n{name} {question}\n");
                    found.difference(expected).for_each(|extra| report += &format!("  + {extra}\n"));
                    expected.difference(&found).for_each(|missing| report += &format!("  - {missing}\n"));
                    if std::env::var("AUTHLINT_TRAIL").is_ok() {
                        for origin in &origins {
                            report += &format!("    {}\n", what(&values, origin));
                            for step in origin.trail.steps() {
                                let unit = values.unit(step.location.file).unwrap();
                                report += &format!("      {}:{} {}\n", values.workspace.path(step.location.file), unit.source.line_of(step.location.span.start), step.message);
                            }
                        }
                    }
                }
            }
            Ok(report)
        });
        wrong += &report.unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
}
