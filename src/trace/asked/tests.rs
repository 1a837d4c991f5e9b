#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use super::{Asked, Nothing, find};
use crate::analysis::unit::Unit;
use crate::project::kind::FileKind;
use crate::source::{FileId, SourceFile};
use crate::trace::Place;

fn unit(kind: FileKind, text: &str) -> Unit {
    let source = Arc::new(SourceFile::new(FileId(0), "a".into(), "a".into(), text.into()));
    Unit::new(source, crate::syntax::lower(kind, text))
}

/// Takes the mark `^` out of a text: the text and the place of the mark.
fn pointed(marked: &str) -> (String, Place) {
    let (before, after) = marked.split_once('^').unwrap();
    let line = u32::try_from(before.matches('\n').count()).unwrap() + 1;
    let column = u32::try_from(before.rsplit('\n').next().unwrap().encode_utf16().count()).unwrap() + 1;
    (format!("{before}{after}"), Place::Point { line, column })
}

/// What is taken at a place: `expression` for itself, `name = ` before what a name's writes are asked for.
fn taken(kind: FileKind, text: &str, place: Place) -> String {
    let unit = unit(kind, text);
    match find(&unit, place) {
        Ok(taken) => {
            let code = unit.source.slice(taken.span);
            match taken.asked {
                Asked::Expr(_) => code.to_owned(),
                Asked::Symbol(_) => format!("{code} ="),
                Asked::Member { .. } => format!("this.{code} ="),
            }
        }
        Err(Nothing::Outside) => "outside".to_owned(),
        Err(Nothing::Here(others)) => {
            format!("nothing, but {:?}", others.iter().map(|span| unit.source.slice(*span)).collect::<Vec<_>>())
        }
    }
}

#[test]
fn a_point_means_what_starts_there_or_what_is_around_it() {
    for (marked, expected) in [
        ("new Rtc({ password: ^creds.pass });", "creds"),
        ("new Rtc({ password: creds.^pass });", "creds.pass"),
        ("new Rtc({ password: creds.p^ass });", "creds.pass"),
        ("new Rtc({ pass^word: creds.pass });", "creds.pass"),
        ("new Rtc({ ^password });", "password"),
        ("new Rtc({ 'login_^token': get() });", "get()"),
        ("^new Rtc(options);", "new Rtc(options)"),
        ("x = a ^|| b;", "a || b"),
        ("x = get^(a);", "get(a)"),
        ("x = `a ^b ${c}`;", "`a b ${c}`"),
        ("x = `a b ${^c}`;", "c"),
        ("const ^token = await get();", "token ="),
        ("const { tok^en } = await get();", "token ="),
        ("const { to^ken: jwt } = await get();", "jwt ="),
        ("const { token: { ^deep } } = await get();", "deep ="),
        ("import { ^sip } from './config';", "sip ="),
        ("import conf^ig from './config';", "config ="),
        ("function log^in(user) {}", "login ="),
        ("function login(us^er) {}", "user ="),
        ("const f = (us^er = 'x') => user;", "user ="),
        ("class Phone { pass^word = 'x'; }", "this.password ="),
        ("class Phone { conn^ect() {} }", "this.connect ="),
        ("class Pho^ne {}", "Phone ="),
        ("const el = <Phone tok^en={jwt} />;", "jwt"),
        ("enum Ro^le { Agent }", "Role ="),
        ("function f() { ret^urn token; }", "token"),
        ("co^nst token = get();", "token ="),
        ("thr^ow failure;", "failure"),
        ("const 𝒳 = 1; const ü = ^token;", "token"),
    ] {
        let (text, place) = pointed(marked);
        assert_eq!(taken(FileKind::Tsx, &text, place), expected, "{marked}");
    }
}

#[test]
fn blanks_comments_and_types_mean_nothing_and_neighbours_are_offered() {
    for (marked, expected) in [
        ("call(() => {\n  // the ^token\n  go(token);\n});", "nothing, but []"),
        ("call(() => {\n  go(token); ^// the token\n});", "nothing, but [\"go(token)\", \"token\"]"),
        ("interface A { ^token: string }", "nothing, but []"),
        ("^", "nothing, but []"),
        ("const a = 1, b = 2;^", "nothing, but [\"a\", \"1\", \"b\"]"),
    ] {
        let (text, place) = pointed(marked);
        assert_eq!(taken(FileKind::Tsx, &text, place), expected, "{marked}");
    }
}

#[test]
fn lines_and_ranges_mean_whole_expressions() {
    let text = "const a = get(b).c;\n  login_token: await token(),\n  return creds.pass || other;\n\n";
    for (text, place, expected) in [
        (text, Place::Line(1), "a ="),
        ("x = {\n  login_token: await token(),\n};", Place::Line(2), "await token()"),
        ("const f = () => {\n  return creds.pass || other;\n}", Place::Line(2), "creds.pass || other"),
        (text, Place::Line(4), "nothing, but []"),
        (text, Place::Line(6), "outside"),
        (text, Place::Line(0), "outside"),
        (text, Place::Point { line: 1, column: 99 }, "outside"),
        (text, Place::Range { line: 1, from: 11, to: 17 }, "get(b)"),
        (text, Place::Range { line: 1, from: 11, to: 19 }, "get(b).c"),
        (text, Place::Range { line: 1, from: 11, to: 99 }, "outside"),
    ] {
        assert_eq!(taken(FileKind::Tsx, text, place), expected, "{place} of {text}");
    }
}

#[test]
fn data_and_markup_have_values_too() {
    for (kind, marked, expected) in [
        (FileKind::Json, r#"{ "sip": { "pass^word": "x" } }"#, r#""x""#),
        (FileKind::Dotenv, "A=1\nVITE_TO^KEN=abc\n", "abc"),
        (FileKind::Vue, "<script setup>\nconst p = 1\n</script>\n<template><Phone :pass^word=\"p\" /></template>", "p"),
        (FileKind::Html, "<script>new Rtc({ password: ^secret });</script>", "secret"),
    ] {
        let (text, place) = pointed(marked);
        assert_eq!(taken(kind, &text, place), expected, "{marked}");
    }
}

#[test]
fn the_longer_expression_is_known() {
    for (marked, expected) in [
        ("f(^creds.sip.pass)", Some("creds.sip.pass")),
        ("f(^get(x).pass)", Some("get(x).pass")),
        ("f(^creds)", None),
        ("f(creds.^pass)", None),
        ("f(^a || b)", None),
    ] {
        let (text, place) = pointed(marked);
        let unit = unit(FileKind::Tsx, &text);
        let longer = find(&unit, place).unwrap().longer;
        assert_eq!(longer.map(|span| unit.source.slice(span)), expected, "{marked}");
    }
}
