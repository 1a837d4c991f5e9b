//! Small whole projects, written as lists of files; each case asks for the zone of some of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::Arc;

use super::usage::{ModuleFacts, module_facts, prologue};
use super::view::{ImportEdge, Package, ProjectView};
use super::{FunctionContext, Zone, Zones};
use crate::catalog::Catalog;
use crate::catalog::frameworks::Frameworks;
use crate::finding::{Confidence, ZoneKind};
use crate::hir::visit::{self, Node};
use crate::hir::{ExportKind, ExprKind, Literal, Module, Name, ProgramKind};
use crate::project::kind::FileKind;
use crate::source::{FileId, Span};
use crate::syntax;

/// A project in memory. Resolves relative specifiers and `@/` only.
struct Memory {
    files: Vec<(&'static str, &'static str)>,
    frameworks: Arc<Frameworks>,
}

impl Memory {
    fn new(files: &[(&'static str, &'static str)]) -> Self {
        let mut files = files.to_vec();
        files.sort_unstable();
        Self { files, frameworks: Arc::clone(&Catalog::builtin().unwrap().frameworks) }
    }

    fn zone(&self, path: &str) -> Zone {
        (*Zones::new(self, &self.frameworks).zone_of(self.find(path).expect(path))).clone()
    }

    fn function(&self, path: &str, context: FunctionContext<'_>) -> Zone {
        Zones::new(self, &self.frameworks).function_zone(self.find(path).expect(path), context)
    }

    fn module(&self, file: FileId) -> Module {
        syntax::lower(self.kind(file), self.files[file.index()].1)
    }

    fn resolve(&self, from: &str, specifier: &str) -> Option<FileId> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let bases = match specifier.strip_prefix("@/") {
            Some(rest) => vec![rest.to_owned(), format!("src/{rest}")],
            None if specifier.starts_with('/') => vec![specifier.trim_start_matches('/').to_owned()],
            None if specifier.starts_with('.') || FileKind::of(Path::new(from)) == FileKind::Html => {
                let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
                for part in specifier.split('/') {
                    match part {
                        "." => {}
                        ".." => drop(parts.pop()),
                        part => parts.push(part),
                    }
                }
                vec![parts.join("/")]
            }
            None => return None,
        };
        let ends = ["", ".ts", ".tsx", ".js", ".jsx", ".mjs", "/index.ts", "/index.tsx", "/index.js", ".svelte"];
        bases.iter().find_map(|base| ends.iter().find_map(|end| self.find(&format!("{base}{end}"))))
    }
}

impl ProjectView for Memory {
    fn path(&self, file: FileId) -> &str {
        self.files[file.index()].0
    }

    fn kind(&self, file: FileId) -> FileKind {
        FileKind::of(Path::new(self.path(file)))
    }

    fn find(&self, path: &str) -> Option<FileId> {
        self.files.iter().position(|(has, _)| *has == path).map(|at| FileId(u32::try_from(at).unwrap()))
    }

    fn starting_with(&self, prefix: &str, limit: usize) -> Vec<FileId> {
        self.files.iter().filter(|(path, _)| path.starts_with(prefix)).filter_map(|(path, _)| self.find(path)).take(limit).collect()
    }

    fn package(&self, folder: &str) -> Option<Package> {
        let path = if folder.is_empty() { "package.json".to_owned() } else { format!("{folder}/package.json") };
        let value: serde_json::Value = serde_json::from_str(&self.text(self.find(&path)?)?).unwrap();
        let names = |key: &str| value[key].as_object().into_iter().flatten().map(|(name, _)| Name::from(&**name)).collect::<Vec<_>>();
        Some(Package { dependencies: [names("dependencies"), names("devDependencies")].concat() })
    }

    fn text(&self, file: FileId) -> Option<Arc<str>> {
        Some(self.files[file.index()].1.into())
    }

    fn imports(&self, file: FileId) -> Vec<ImportEdge> {
        let module = self.module(file);
        let mut found: Vec<(Name, bool)> = Vec::new();
        found.extend(module.imports.iter().map(|import| (Name::clone(&import.specifier), import.type_only)));
        if self.kind(file) == FileKind::Html {
            found.extend(self.files[file.index()].1.split("src=").skip(1).map(|rest| (Name::from(rest.split('>').next().unwrap()), false)));
        }
        for export in &module.exports {
            if let ExportKind::From { specifier, .. } | ExportKind::Star { specifier, .. } = &export.kind {
                found.push((Name::clone(specifier), export.type_only));
            }
        }
        let mut pending = Vec::new();
        visit::roots(&module, &mut |node| pending.push(node));
        while let Some(node) = pending.pop() {
            if let Node::Expr(expr) = node {
                let argument = match &module[expr].kind {
                    ExprKind::ImportCall { specifier } => Some(*specifier),
                    ExprKind::Call { callee, args, .. } if matches!(&module[*callee].kind, ExprKind::Ident(name) if &**name == "require") => {
                        args.first().map(|argument| argument.expr)
                    }
                    _ => None,
                };
                if let Some(ExprKind::Literal(Literal::String(text))) = argument.map(|argument| &module[argument].kind) {
                    found.push((Name::clone(text), false));
                }
            }
            visit::children(&module, node, &mut |child| pending.push(child));
        }
        let edge =
            |(specifier, type_only): (Name, bool)| ImportEdge { target: self.resolve(self.path(file), &specifier), specifier, type_only };
        found.into_iter().map(edge).collect()
    }

    fn importers(&self, file: FileId) -> Vec<FileId> {
        let names = |from: &FileId| self.imports(*from).iter().any(|edge| edge.target == Some(file) && !edge.type_only);
        (0..self.files.len()).map(|at| FileId(u32::try_from(at).unwrap())).filter(names).collect()
    }

    fn directives(&self, file: FileId) -> Vec<Name> {
        prologue(self.files[file.index()].1)
    }

    fn facts(&self, file: FileId) -> Arc<ModuleFacts> {
        Arc::new(module_facts(&self.module(file), &self.frameworks.usage))
    }
}

const NEXT: (&str, &str) = ("package.json", r#"{"dependencies": {"next": "15", "react": "19", "react-dom": "19"}}"#);
const VITE: (&str, &str) = ("package.json", r#"{"dependencies": {"react": "18", "react-dom": "18"}, "devDependencies": {"vite": "5"}}"#);

/// Checks path, zone and (as a part) the reason.
fn check(files: &[(&'static str, &'static str)], expected: &[(&str, ZoneKind, &str)]) {
    let project = Memory::new(files);
    for (path, kind, reason) in expected {
        let zone = project.zone(path);
        let because = zone.because.join(" → ");
        assert!(zone.kind == *kind && because.contains(reason), "{path}: {:?} {:?} {because}", zone.kind, zone.confidence);
    }
}

#[test]
fn a_vite_app_beside_an_edge_function() {
    check(
        &[
            VITE,
            ("vite.config.ts", "import react from '@vitejs/plugin-react'; import { flags } from './flags'; export default {}"),
            ("flags.ts", "export const flags = {}"),
            ("index.html", "<div id=root></div><script type=module src=/src/main.tsx></script>"),
            ("src/main.tsx", "import App from './App'; App()"),
            ("src/App.tsx", "import { start } from './phone'; export default () => start()"),
            ("src/phone.ts", "export const start = () => {}"),
            ("src/phone.test.ts", "import { start } from './phone'; import { fake } from './fake'"),
            ("src/fake.ts", "export const fake = 1"),
            ("src/dead.ts", "export const dead = 1"),
            ("supabase/functions/token/index.ts", "import { mint } from '../_shared/mint.ts'; Deno.serve(() => mint())"),
            ("supabase/functions/_shared/mint.ts", "export const mint = () => {}"),
        ],
        &[
            ("src/phone.ts", ZoneKind::Client, "index.html (HTML page) → src/main.tsx → src/App.tsx → src/phone.ts"),
            ("src/phone.test.ts", ZoneKind::Development, "test"),
            ("src/fake.ts", ZoneKind::Client, "its package is browser code (Vite)"),
            ("src/dead.ts", ZoneKind::Client, "its package is browser code (Vite)"),
            ("vite.config.ts", ZoneKind::Build, "configuration"),
            ("flags.ts", ZoneKind::Build, "vite.config.ts"),
            ("supabase/functions/token/index.ts", ZoneKind::Server, "Supabase edge function"),
            ("supabase/functions/_shared/mint.ts", ZoneKind::Server, "Supabase edge function"),
        ],
    );
}

#[test]
fn next_components_directives_and_routes() {
    check(
        &[
            NEXT,
            ("next.config.ts", "export default {}"),
            (
                "app/page.tsx",
                "import { Phone } from '@/components/phone'; import { Card } from '@/components/card'; export default () => <Phone/>",
            ),
            (
                "app/api/token/route.ts",
                "import { mint } from '@/lib/mint'; import { id } from '@/lib/id'; export const GET = () => mint(id)",
            ),
            ("app/actions.ts", "'use server'\nimport { secret } from '@/lib/secret'; export async function act() {}"),
            (
                "components/phone.tsx",
                "'use client'\nimport { rtc } from '@/lib/rtc'; import { id } from '@/lib/id'; import { act } from '@/app/actions'; import type { Mint } from '@/lib/mint'",
            ),
            ("components/card.tsx", "export const Card = () => null"),
            ("lib/rtc.ts", "export const rtc = 1"),
            ("lib/mint.ts", "export type Mint = 1; export const mint = (x) => x"),
            ("lib/id.ts", "export const id = 1"),
            ("lib/secret.ts", "export const secret = process.env.X"),
            ("middleware.ts", "export default () => {}"),
            ("pages/old.tsx", "export default () => null; export const getServerSideProps = () => {}"),
            ("lib/orphan-hook.ts", "import { useState } from 'react'; export const useX = () => useState(1)"),
            ("lib/orphan-db.ts", "import { Pool } from 'pg'; export const db = new Pool()"),
        ],
        &[
            ("app/page.tsx", ZoneKind::Server, "Next.js server component"),
            ("app/api/token/route.ts", ZoneKind::Server, "Next.js route handler"),
            ("app/actions.ts", ZoneKind::Server, "\"use server\""),
            ("components/phone.tsx", ZoneKind::Client, "\"use client\""),
            ("components/card.tsx", ZoneKind::Server, "app/page.tsx (Next.js server component) → components/card.tsx"),
            ("lib/rtc.ts", ZoneKind::Client, "components/phone.tsx (\"use client\") → lib/rtc.ts"),
            ("lib/mint.ts", ZoneKind::Server, "app/api/token/route.ts (Next.js route handler) → lib/mint.ts"),
            ("lib/id.ts", ZoneKind::Both, "from the browser (components/phone.tsx (\"use client\") → lib/id.ts) and from the server"),
            ("lib/secret.ts", ZoneKind::Server, "app/actions.ts (\"use server\") → lib/secret.ts"),
            ("middleware.ts", ZoneKind::Server, "middleware"),
            ("pages/old.tsx", ZoneKind::Client, "Next.js page"),
            ("lib/orphan-hook.ts", ZoneKind::Client, "useState of react"),
            ("lib/orphan-db.ts", ZoneKind::Server, "pg"),
        ],
    );
}

#[test]
fn what_a_module_can_only_do_on_one_side_outranks_a_chain() {
    let files = [
        NEXT,
        ("app/page.tsx", "import { phone } from '@/lib/phone'; export default () => phone"),
        ("pages/x.tsx", "import { db } from '@/lib/db'; export default () => null; export const getServerSideProps = () => db"),
        ("lib/phone.ts", "import { useState } from 'react'; export const phone = () => useState(1)"),
        ("app/api/x/route.ts", "import { name } from '@/lib/name'; export const GET = () => name()"),
        ("lib/name.ts", "export const name = () => 1; export const download = (url) => window.open(url)"),
        ("lib/db.ts", "import fs from 'fs'; export const db = fs"),
    ];
    check(
        &files,
        &[
            ("lib/phone.ts", ZoneKind::Client, "useState of react"),
            ("lib/db.ts", ZoneKind::Server, "fs"),
            // One function of many touches a browser's global: the chain holds.
            ("lib/name.ts", ZoneKind::Server, "app/api/x/route.ts"),
        ],
    );
    assert_eq!(Memory::new(&files).zone("lib/phone.ts").confidence, Confidence::Medium);
}

#[test]
fn browser_and_server_code_in_one_folder() {
    check(
        &[
            (
                "package.json",
                r#"{"scripts": {"start": "node dist/server.js", "seed": "tsx src/seed.ts"}, "dependencies": {"express": "4", "react-dom": "18"}, "devDependencies": {"vite": "5"}}"#,
            ),
            ("index.html", "<script type=module src=/src/main.tsx></script>"),
            ("src/main.tsx", "import { call } from './hooks/call'; call()"),
            ("src/hooks/call.ts", "export const call = () => {}"),
            ("src/server.ts", "import { routes } from './routes/telnyx'; routes()"),
            (
                "src/routes/telnyx.ts",
                "import { Router } from 'express'; import { keys } from '../keys'; export const routes = () => Router()",
            ),
            ("src/keys.ts", "export const keys = 1"),
            ("src/seed.ts", "import { rows } from './rows'"),
            ("src/rows.ts", "export const rows = 1"),
        ],
        &[
            ("src/hooks/call.ts", ZoneKind::Client, "index.html"),
            ("src/server.ts", ZoneKind::Server, "started by the package script \"start\""),
            ("src/routes/telnyx.ts", ZoneKind::Server, "imports express"),
            ("src/keys.ts", ZoneKind::Server, "src/routes/telnyx.ts (imports express) → src/keys.ts"),
            ("src/rows.ts", ZoneKind::Development, "src/seed.ts (run by the package script \"seed\")"),
        ],
    );
}

#[test]
fn use_server_means_nothing_to_a_plain_bundler() {
    check(
        &[
            VITE,
            ("index.html", "<script type=module src=/src/main.ts></script>"),
            ("src/main.ts", "import { mint } from './actions'; mint()"),
            ("src/actions.ts", "'use server'\nexport const mint = () => {}"),
            ("src/unused.ts", "'use server'\nexport const mint = () => {}"),
        ],
        &[("src/actions.ts", ZoneKind::Client, "index.html"), ("src/unused.ts", ZoneKind::Server, "does not know")],
    );
}

#[test]
fn manifests_name_entries() {
    check(
        &[
            ("worker/wrangler.toml", "name = 'x'\nmain = 'src/index.ts'\n"),
            ("worker/src/index.ts", "import { route } from './route'; export default { fetch: route }"),
            ("worker/src/route.ts", "export const route = (request, env) => env.KEY"),
            (
                "extension/manifest.json",
                r#"{"manifest_version": 3, "background": {"service_worker": "back.js"}, "content_scripts": [{"js": ["inject.js"]}]}"#,
            ),
            ("extension/back.js", "1"),
            ("extension/inject.js", "1"),
            ("public/manifest.json", r#"{"name": "a web app"}"#),
            ("desktop/package.json", r#"{"main": "dist/main.js", "devDependencies": {"electron": "30"}}"#),
            ("desktop/src/main.ts", "import './window'"),
            ("desktop/src/window.ts", "export {}"),
        ],
        &[
            ("worker/src/route.ts", ZoneKind::Server, "worker/src/index.ts (Cloudflare Worker) → worker/src/route.ts"),
            ("extension/back.js", ZoneKind::Client, "browser extension"),
            ("extension/inject.js", ZoneKind::Client, "browser extension"),
            ("desktop/src/main.ts", ZoneKind::Server, "Electron main process, which ships to users"),
            ("desktop/src/window.ts", ZoneKind::Server, "Electron main process"),
        ],
    );
}

#[test]
fn every_framework_by_its_paths() {
    fn package(name: &'static str) -> (&'static str, &'static str) {
        let text = format!(r#"{{"dependencies": {{"{name}": "1"}}}}"#);
        ("package.json", Box::leak(text.into_boxed_str()))
    }
    for (framework, path, text, kind) in [
        ("@sveltejs/kit", "src/routes/token/+server.ts", "export const GET = () => {}", ZoneKind::Server),
        ("@sveltejs/kit", "src/routes/+page.svelte", "<script>let x = 1</script>", ZoneKind::Client),
        ("@sveltejs/kit", "src/routes/+page.ts", "export const load = () => {}", ZoneKind::Both),
        ("@sveltejs/kit", "src/routes/+page.server.ts", "export const load = () => {}", ZoneKind::Server),
        ("@sveltejs/kit", "src/lib/server/keys.ts", "export const key = 1", ZoneKind::Server),
        ("nuxt", "server/api/token.get.ts", "export default defineEventHandler(() => 1)", ZoneKind::Server),
        ("nuxt", "plugins/phone.client.ts", "export default 1", ZoneKind::Client),
        ("nuxt", "composables/usePhone.ts", "export const usePhone = 1", ZoneKind::Client),
        ("nuxt", "pages/index.vue", "<script setup>const x = 1</script>", ZoneKind::Client),
        ("@remix-run/react", "app/routes/_index.tsx", "export const loader = 1; export default 1", ZoneKind::Client),
        ("@remix-run/react", "app/routes/logout.tsx", "export const action = 1; export const loader = 1", ZoneKind::Server),
        ("@remix-run/node", "cypress/support/user.ts", "import { installGlobals } from '@remix-run/node'", ZoneKind::Development),
        ("nuxt", "app/app.config.ts", "export default {}", ZoneKind::Client),
        ("expo", "app.config.ts", "export default {}", ZoneKind::Build),
        ("@react-router/dev", "app/lib/mint.server.ts", "export const mint = 1", ZoneKind::Server),
        ("astro", "src/pages/api/token.ts", "export const GET = 1", ZoneKind::Server),
        ("astro", "src/pages/index.astro", "---\nconst x = 1\n---\n<script>let y</script>", ZoneKind::Both),
        ("@angular/core", "src/main.ts", "1", ZoneKind::Client),
        ("@angular/core", "src/app/phone.component.ts", "1", ZoneKind::Client),
        ("expo", "app/(tabs)/index.tsx", "1", ZoneKind::Client),
        ("expo", "app/token+api.ts", "export const GET = 1", ZoneKind::Server),
        ("expo", "lib/anything.ts", "1", ZoneKind::Client),
        ("electron", "electron/main.ts", "1", ZoneKind::Server),
        ("electron", "electron/preload.ts", "1", ZoneKind::Client),
        ("electron", "src/renderer/app.ts", "1", ZoneKind::Client),
        ("convex", "convex/tokens.ts", "export const mint = 1", ZoneKind::Server),
        ("@vercel/node", "api/token.js", "module.exports = async (req, res) => {}", ZoneKind::Server),
        ("lodash", "api/token.js", "module.exports = async (req, res) => {}", ZoneKind::Server),
        ("lodash", "netlify/functions/token.js", "exports.handler = async () => {}", ZoneKind::Server),
        ("@types/aws-lambda", "src/token.ts", "export const handler = async () => {}", ZoneKind::Server),
        ("react-scripts", "src/index.tsx", "1", ZoneKind::Client),
        ("@nestjs/core", "src/token.controller.ts", "1", ZoneKind::Server),
        ("firebase-functions", "index.js", "1", ZoneKind::Server),
        ("lodash", "src/phone.stories.tsx", "1", ZoneKind::Development),
        ("lodash", "stories/parts/Dialer.jsx", "import { useRef } from 'react'", ZoneKind::Development),
        ("lodash", "cypress/support/commands.ts", "1", ZoneKind::Development),
        ("lodash", "public/app.js", "1", ZoneKind::Client),
        ("lodash", "app/Services/Mint.php", "<?php\nclass Mint { public $key = 'x'; }", ZoneKind::Server),
        ("lodash", "views/phone.php", "<?php $x = 1 ?><script>let x = 1</script>", ZoneKind::Client),
        ("lodash", "views/phone.ejs", "<script>let x = 1</script>", ZoneKind::Client),
        ("lodash", "scripts/mint.js", "const fs = require('fs')", ZoneKind::Development),
        ("lodash", "lib/x.ts", "export const x = 1", ZoneKind::Unknown),
        ("next", "app/api/tests/route.ts", "export const GET = 1", ZoneKind::Server),
        ("next", "app/test/page.tsx", "export default 1", ZoneKind::Server),
    ] {
        let zone = Memory::new(&[package(framework), (path, text)]).zone(path);
        assert_eq!(zone.kind, kind, "{framework}: {path}: {:?}", zone.because);
    }
}

#[test]
fn a_path_alone_tells_where_no_package_stands_above_it() {
    for (path, kind) in [
        ("app/api/token/route.ts", ZoneKind::Server),
        ("web/src/pages/api/token.ts", ZoneKind::Server),
        ("src/routes/token/+server.ts", ZoneKind::Server),
        ("phone.ts", ZoneKind::Unknown),
    ] {
        assert_eq!(Memory::new(&[(path, "export const x = 1")]).zone(path).kind, kind, "{path}");
    }
}

#[test]
fn functions_refine_their_module() {
    let name = |text: &str| Name::from(text);
    let project = Memory::new(&[
        NEXT,
        ("pages/x.tsx", "export default () => null; export const getServerSideProps = () => {}"),
        ("app/page.tsx", "'use client'\nexport default () => null"),
        ("lib/mixed.ts", "export const a = () => document.title; export const b = () => process.cwd()"),
    ]);
    let kind = |path, context| project.function(path, context).kind;
    assert_eq!(
        kind("pages/x.tsx", FunctionContext { exported: Some("getServerSideProps"), ..FunctionContext::default() }),
        ZoneKind::Server
    );
    assert_eq!(kind("pages/x.tsx", FunctionContext { exported: Some("default"), ..FunctionContext::default() }), ZoneKind::Client);
    let directives = [name("use server")];
    assert_eq!(kind("app/page.tsx", FunctionContext { directives: &directives, ..FunctionContext::default() }), ZoneKind::Server);
    assert_eq!(kind("lib/mixed.ts", FunctionContext::default()), ZoneKind::Both);
    assert_eq!(kind("lib/mixed.ts", FunctionContext { span: Some(Span::new(13, 37)), ..FunctionContext::default() }), ZoneKind::Client);
    assert_eq!(kind("lib/mixed.ts", FunctionContext { span: Some(Span::new(38, 80)), ..FunctionContext::default() }), ZoneKind::Server);
    let astro = Memory::new(&[("src/pages/index.astro", "---\nconst x = 1\n---\n<script>let y</script>")]);
    let at =
        |program| astro.function("src/pages/index.astro", FunctionContext { program: Some(program), ..FunctionContext::default() }).kind;
    assert_eq!((at(ProgramKind::Server), at(ProgramKind::Module)), (ZoneKind::Server, ZoneKind::Client));
}

#[test]
fn facts_of_a_module() {
    let frameworks = Arc::clone(&Catalog::builtin().unwrap().frameworks);
    let facts = |text: &str| module_facts(&syntax::lower(FileKind::TypeScript, text), &frameworks.usage);
    let strong = |uses: &[super::usage::Use]| {
        uses.iter().filter(|used| used.is_strong()).map(|used| used.what.clone()).collect::<Vec<_>>().join(", ")
    };
    for (text, client, server) in [
        ("export const f = () => localStorage.getItem('x')", "`localStorage`", ""),
        ("const f = () => { if (typeof window === 'undefined') return; window.open() }", "", ""),
        ("const has = typeof window !== 'undefined'; const f = () => window.open()", "", ""),
        ("const f = (document) => document.id", "", ""),
        ("import type { Pool } from 'pg'; import { type Client } from 'pg'", "", ""),
        ("import { Pool } from 'pg'", "", "pg"),
        ("const f = async () => { const { TelnyxRTC } = await import('@telnyx/webrtc') }", "@telnyx/webrtc", ""),
        ("const http = require('http')", "", "http"),
        ("const key = Deno.env.get('X')", "", "`Deno`"),
        ("process.exit(1)", "", "`process.exit`"),
        ("const x = { window: 1 }; x.window", "", ""),
        ("window.x = 1", "`window`", ""),
        ("import Telnyx from 'telnyx'", "", ""),
        ("export default { async fetch(request, env) {} } satisfies Handler", "", "a default export with `fetch`, a server's handler"),
        ("import { useEffect } from 'react'", "useEffect of react", ""),
    ] {
        let facts = facts(text);
        assert_eq!((strong(&facts.client).as_str(), strong(&facts.server).as_str()), (client, server), "{text}");
    }
    for (text, exports) in [
        ("export const a = 1; export default 2; export { b as c } from './b'; export type T = 1", "a c default"),
        ("module.exports = { a, b: 1 }", "a b module.exports"),
        ("exports.handler = 1; module.exports.other = 2", "handler other"),
    ] {
        assert_eq!(facts(text).exports.join(" "), exports, "{text}");
    }
}

#[test]
fn an_astro_component_has_two_sides() {
    let page = "---\nimport { posts } from '../lib/posts';\nimport Phone from '../components/Phone';\n---\n<Phone client:load />\n<script>import { ring } from '../lib/ring';</script>";
    check(
        &[
            ("package.json", r#"{"dependencies": {"astro": "5"}}"#),
            ("src/pages/index.astro", page),
            ("src/lib/posts.ts", "export const posts = 1"),
            ("src/lib/ring.ts", "export const ring = 1"),
            ("src/components/Phone.tsx", "export default () => null"),
        ],
        &[
            ("src/lib/posts.ts", ZoneKind::Server, "src/pages/index.astro"),
            ("src/lib/ring.ts", ZoneKind::Client, "src/pages/index.astro"),
            ("src/components/Phone.tsx", ZoneKind::Both, "src/pages/index.astro"),
        ],
    );
}

#[test]
fn cycles_end() {
    check(&[("a.ts", "import './b'"), ("b.ts", "import './c'"), ("c.ts", "import './a'")], &[("a.ts", ZoneKind::Unknown, "nothing tells")]);
}
