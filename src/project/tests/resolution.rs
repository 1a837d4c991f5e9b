use super::Tree;
use crate::project::{DependencyKind, Project, Resolved};

/// What a specifier names, in words.
fn resolve(project: &Project, from: &str, specifier: &str) -> String {
    match project.resolve(project.file_by_path(from).unwrap(), specifier) {
        Resolved::File(id) => project.file(id).unwrap().path.to_string(),
        Resolved::Package { name, subpath } if subpath.is_empty() => format!("package {name}"),
        Resolved::Package { name, subpath } => format!("package {name} / {subpath}"),
        Resolved::Builtin(name) => format!("builtin {name}"),
        Resolved::Missing => "missing".to_owned(),
    }
}

fn check(files: &[(&str, &str)], cases: &[(&str, &str, &str)]) {
    let tree = Tree::new(files);
    let (project, _) = tree.load();
    for (from, specifier, expected) in cases {
        assert_eq!(resolve(&project, from, specifier), *expected, "{specifier} in {from}");
        // The memo gives the same answer.
        assert_eq!(resolve(&project, from, specifier), *expected, "{specifier} in {from}, again");
    }
}

#[test]
fn relative_specifiers_try_extensions_and_index_files() {
    check(
        &[
            ("src/a.ts", ""),
            ("src/b.tsx", ""),
            ("src/lib/index.ts", ""),
            ("src/data.json", "{}"),
            ("src/C.vue", ""),
            ("src/d.mjs", ""),
            ("src/phone.native.tsx", ""),
            ("src/types.d.ts", ""),
            ("src/same.js", ""),
            ("src/same.ts", ""),
        ],
        &[
            ("src/a.ts", "./b", "src/b.tsx"),
            ("src/a.ts", "./b.js", "src/b.tsx"),
            ("src/a.ts", "./b.jsx", "src/b.tsx"),
            ("src/a.ts", "./lib", "src/lib/index.ts"),
            ("src/a.ts", "./lib/", "src/lib/index.ts"),
            ("src/a.ts", "./lib/index.js", "src/lib/index.ts"),
            ("src/lib/index.ts", "../a", "src/a.ts"),
            ("src/lib/index.ts", ".", "src/lib/index.ts"),
            ("src/a.ts", "./data.json", "src/data.json"),
            ("src/a.ts", "./C.vue?raw", "src/C.vue"),
            ("src/a.ts", "./d", "src/d.mjs"),
            ("src/a.ts", "./phone", "src/phone.native.tsx"),
            ("src/a.ts", "./types", "src/types.d.ts"),
            ("src/a.ts", "./same", "src/same.ts"),
            ("src/a.ts", "./nowhere", "missing"),
            ("src/a.ts", "../../../../etc/passwd", "missing"),
            ("src/a.ts", "", "missing"),
        ],
    );
}

#[test]
fn bare_specifiers_are_packages_or_builtins() {
    check(
        &[("a.ts", ""), ("package.json", r#"{"dependencies": {"react": "18"}}"#)],
        &[
            ("a.ts", "react", "package react"),
            ("a.ts", "@telnyx/webrtc", "package @telnyx/webrtc"),
            ("a.ts", "@telnyx/webrtc/lib/bundle", "package @telnyx/webrtc / lib/bundle"),
            ("a.ts", "fs/promises", "builtin fs/promises"),
            ("a.ts", "node:test", "builtin test"),
            ("a.ts", "npm:@telnyx/webrtc@2.27/lib", "package @telnyx/webrtc / lib"),
            ("a.ts", "https://esm.sh/@telnyx/webrtc@2?bundle", "package @telnyx/webrtc"),
            ("a.ts", "https://cdn.jsdelivr.net/npm/@telnyx/webrtc@2/+esm", "package @telnyx/webrtc / +esm"),
            ("a.ts", "https://example.com/app.js", "missing"),
            ("a.ts", "$env/static/private", "package $env / static/private"),
            ("a.ts", "@/nowhere", "missing"),
        ],
    );
}

#[test]
fn project_configurations_map_names() {
    check(
        &[
            ("tsconfig.base.json", r#"{"compilerOptions": {"baseUrl": ".", "paths": {"@shared/*": ["libs/shared/src/*"]}}}"#),
            ("libs/shared/src/token.ts", ""),
            // Comments, trailing commas, and a base that is not in the tree.
            (
                "apps/web/tsconfig.json",
                "{ // the app\n \"extends\": [\"astro/tsconfigs/strict\", \"../../tsconfig.base.json\", \"./.nuxt/tsconfig.json\"],\n \
                 \"include\": [\"src/**/*.ts\"], \"compilerOptions\": {\"strict\": true,}, }",
            ),
            ("apps/web/src/a.js", ""),
            // Paths in the configuration that a solution refers to.
            ("apps/solution/tsconfig.json", r#"{"files": [], "references": [{"path": "./tsconfig.app.json"}]}"#),
            (
                "apps/solution/tsconfig.app.json",
                r##"{"compilerOptions": {"paths": {"#/*": ["./src/*"], "config": ["./src/conf/env.ts"]}}}"##,
            ),
            ("apps/solution/src/main.tsx", ""),
            ("apps/solution/src/conf/env.ts", ""),
            ("apps/js/jsconfig.json", r#"{"compilerOptions": {"baseUrl": "src"}}"#),
            ("apps/js/src/util/x.js", ""),
            ("apps/js/src/main.js", ""),
            ("apps/broken/tsconfig.json", "{ this is no json"),
            ("apps/broken/a.ts", ""),
            ("apps/broken/b.ts", ""),
            ("apps/cycle/tsconfig.json", r#"{"extends": "./tsconfig.b.json", "compilerOptions": {"paths": {"x/*": ["./*"]}}}"#),
            ("apps/cycle/tsconfig.b.json", r#"{"extends": "./tsconfig.json"}"#),
            ("apps/cycle/a.ts", ""),
        ],
        &[
            ("apps/web/src/a.js", "@shared/token", "libs/shared/src/token.ts"),
            ("apps/solution/src/main.tsx", "#/conf/env", "apps/solution/src/conf/env.ts"),
            ("apps/solution/src/main.tsx", "config", "apps/solution/src/conf/env.ts"),
            ("apps/js/src/main.js", "util/x", "apps/js/src/util/x.js"),
            ("apps/broken/a.ts", "./b", "apps/broken/b.ts"),
            ("apps/broken/a.ts", "react", "package react"),
            ("apps/cycle/a.ts", "react", "package react"),
        ],
    );
}

#[test]
fn conventions_of_bundlers_and_frameworks_map_names() {
    check(
        &[
            ("web/package.json", "{}"),
            ("web/src/phone.ts", ""),
            ("web/src/pages/a.vue", ""),
            ("web/src/lib/server/key.ts", ""),
            ("expo/package.json", "{}"),
            ("expo/lib/phone.ts", ""),
            ("expo/app/index.tsx", ""),
        ],
        &[
            ("web/src/pages/a.vue", "@/phone", "web/src/phone.ts"),
            ("web/src/pages/a.vue", "~/phone", "web/src/phone.ts"),
            ("web/src/pages/a.vue", "$lib/server/key", "web/src/lib/server/key.ts"),
            ("web/src/pages/a.vue", "/src/phone.ts", "web/src/phone.ts"),
            ("expo/app/index.tsx", "@/lib/phone", "expo/lib/phone.ts"),
        ],
    );
}

#[test]
fn packages_of_the_tree_resolve_to_their_sources() {
    check(
        &[
            ("package.json", r#"{"name": "root", "private": true, "workspaces": ["packages/*", "apps/*"]}"#),
            (
                "packages/auth/package.json",
                r#"{"name": "@x/auth", "exports": {".": "./dist/index.js", "./mint": {"import": "./src/mint.ts"}}}"#,
            ),
            ("packages/auth/src/index.ts", ""),
            ("packages/auth/src/mint.ts", ""),
            ("packages/auth/src/deep/a.ts", ""),
            ("packages/ui/package.json", r#"{"name": "@x/ui", "main": "lib/ui.js", "types": "lib/ui.d.ts"}"#),
            ("packages/ui/src/ui.tsx", ""),
            ("packages/plain/package.json", r#"{"name": "plain"}"#),
            ("packages/plain/index.js", ""),
            ("packages/plain/sub.js", ""),
            ("packages/imports/package.json", r##"{"name": "imp", "imports": {"#db": "./src/db.ts", "#dep": "plain"}}"##),
            ("packages/imports/src/db.ts", ""),
            ("packages/imports/src/a.ts", ""),
            ("packages/plain/test/fixtures/react/package.json", r#"{"name": "react"}"#),
            ("packages/plain/test/fixtures/react/index.js", ""),
            ("packages/plain/test/fixtures/app.js", ""),
            ("apps/web/package.json", r#"{"name": "web", "browser": {"./src/node.ts": "./src/browser.ts"}}"#),
            ("apps/web/src/a.ts", ""),
            ("apps/web/src/node.ts", ""),
            ("apps/web/src/browser.ts", ""),
            ("deep/package.json", &format!("{}{}", "{\"exports\":".repeat(5000), "}".repeat(5000))),
            ("deep/a.ts", ""),
        ],
        &[
            ("apps/web/src/a.ts", "@x/auth", "packages/auth/src/index.ts"),
            ("apps/web/src/a.ts", "@x/auth/mint", "packages/auth/src/mint.ts"),
            ("apps/web/src/a.ts", "@x/auth/deep/a", "packages/auth/src/deep/a.ts"),
            ("apps/web/src/a.ts", "@x/ui", "packages/ui/src/ui.tsx"),
            ("apps/web/src/a.ts", "plain", "packages/plain/index.js"),
            ("apps/web/src/a.ts", "plain/sub", "packages/plain/sub.js"),
            ("apps/web/src/a.ts", "./node", "apps/web/src/browser.ts"),
            ("apps/web/src/a.ts", "react", "package react"),
            ("packages/plain/test/fixtures/app.js", "react", "packages/plain/test/fixtures/react/index.js"),
            ("packages/imports/src/a.ts", "#db", "packages/imports/src/db.ts"),
            ("packages/imports/src/a.ts", "#dep", "packages/plain/index.js"),
            ("deep/a.ts", "x", "package x"),
        ],
    );
}

#[test]
fn what_a_build_would_make_leads_to_its_source() {
    check(
        &[
            ("package.json", r#"{"workspaces": ["packages/*"]}"#),
            (
                "packages/auth/package.json",
                r##"{"name": "auth", "bin": "./out2/cli.js",
                    "exports": {".": "./dist/main.js", "./mint": "./dist/esm/server/mint.js", "./ui/*": {"types": "./dist/ui/*.d.ts"}, "./routes": "./dist/http/routes.js"},
                    "imports": {"#store": {"default": "./dist/store/index.js"}, "#dep": {"default": "other"}}}"##,
            ),
            ("packages/auth/src/main.ts", ""),
            ("packages/auth/src/server/mint.ts", ""),
            ("packages/auth/src/ui/form.tsx", ""),
            ("packages/auth/src/routes/index.ts", ""),
            ("packages/auth/src/http/routes.ts", ""),
            ("packages/auth/src/store/index.ts", ""),
            ("packages/auth/src/cli.ts", ""),
            ("packages/auth/src/recipes.ts", ""),
            ("packages/auth/bin/cli.js", ""),
            ("packages/app/package.json", r#"{"name": "app", "dependencies": {"auth": "workspace:*"}}"#),
            ("packages/app/a.ts", ""),
        ],
        &[
            ("packages/app/a.ts", "auth", "packages/auth/src/main.ts"),
            ("packages/app/a.ts", "auth/mint", "packages/auth/src/server/mint.ts"),
            ("packages/app/a.ts", "auth/ui/form", "packages/auth/src/ui/form.tsx"),
            // What the manifest exports goes before a folder of the same name.
            ("packages/app/a.ts", "auth/routes", "packages/auth/src/http/routes.ts"),
            ("packages/auth/src/main.ts", "#store", "packages/auth/src/store/index.ts"),
            ("packages/auth/src/main.ts", "#dep", "package #dep"),
            ("packages/auth/bin/cli.js", "../dist/cli.js", "packages/auth/src/cli.ts"),
            ("packages/auth/bin/cli.js", "../out2/cli.js", "packages/auth/src/cli.ts"),
            // A generator's folder that is no build output.
            ("packages/auth/bin/cli.js", "../styled/recipes", "missing"),
            ("packages/auth/bin/cli.js", "../src/nowhere.js", "missing"),
        ],
    );
}

#[test]
fn only_members_of_one_workspace_are_linked() {
    let files = |root: (&'static str, &'static str)| {
        vec![
            root,
            ("packages/lib/package.json", r#"{"name": "lib", "main": "index.ts"}"#),
            ("packages/lib/index.ts", ""),
            ("packages/app/package.json", r#"{"name": "app", "dependencies": {"lib": "^1.0.0"}}"#),
            ("packages/app/a.ts", ""),
            ("examples/by-range/package.json", r#"{"dependencies": {"lib": "^1.0.0"}}"#),
            ("examples/by-range/a.ts", ""),
            ("examples/by-path/package.json", r#"{"dependencies": {"lib": "file:../../packages/lib"}}"#),
            ("examples/by-path/a.ts", ""),
            ("examples/undeclared/a.ts", ""),
        ]
    };
    let roots = [
        ("package.json", r#"{"workspaces": ["packages/*"]}"#),
        ("package.json", r#"{"workspaces": {"packages": ["./packages/**", "!packages/none"]}}"#),
        ("deno.json", r#"{"workspace": ["packages/lib", "packages/app"]}"#),
    ];
    let cases = [
        ("packages/app/a.ts", "lib", "packages/lib/index.ts"),
        ("examples/by-range/a.ts", "lib", "package lib"),
        ("examples/by-range/a.ts", "lib/sub", "package lib / sub"),
        ("examples/by-path/a.ts", "lib", "packages/lib/index.ts"),
        ("examples/undeclared/a.ts", "lib", "packages/lib/index.ts"),
    ];
    for root in roots {
        check(&files(root), &cases);
    }
    for beside in [("pnpm-workspace.yaml", "packages:\n  - 'packages/*'\n"), ("lerna.json", r#"{"packages": ["packages/*"]}"#)] {
        let mut files = files(("package.json", "{}"));
        files.push(beside);
        check(&files, &cases);
    }
}

#[test]
fn the_nearest_configuration_is_the_one_in_force() {
    check(
        &[
            ("tsconfig.json", r#"{"compilerOptions": {"paths": {"lib": ["./lib/index.ts"], "only-above": ["./lib/above.ts"]}}}"#),
            ("lib/index.ts", ""),
            ("lib/above.ts", ""),
            ("app/package.json", r#"{"dependencies": {"lib": "1", "newrelic": "12"}}"#),
            ("app/tsconfig.json", "{}"),
            ("app/tsconfig.build.json", r#"{"compilerOptions": {"baseUrl": "./src"}}"#),
            ("app/src/a.ts", ""),
            ("app/src/newrelic.ts", ""),
            ("app/src/phone.ts", ""),
        ],
        &[
            ("app/src/a.ts", "lib", "package lib"),
            // Nothing else can be meant.
            ("app/src/a.ts", "only-above", "lib/above.ts"),
            ("app/src/a.ts", "newrelic", "package newrelic"),
            ("app/src/a.ts", "phone", "app/src/phone.ts"),
            ("lib/above.ts", "lib", "lib/index.ts"),
        ],
    );
}

#[test]
fn script_urls_in_markup_are_paths() {
    check(
        &[
            ("web/index.html", ""),
            ("web/src/main.tsx", ""),
            ("web/app.js", ""),
            ("web/public/phone.js", ""),
            ("web/pages/call.html", ""),
            ("admin/static/js/call.js", ""),
            ("shop/static/js/call.js", ""),
            ("shop/templates/call.html", ""),
        ],
        &[
            ("web/index.html", "/src/main.tsx", "web/src/main.tsx"),
            ("web/index.html", "app.js?v=3", "web/app.js"),
            ("web/pages/call.html", "../app.js", "web/app.js"),
            ("web/pages/call.html", "/phone.js", "web/public/phone.js"),
            ("web/index.html", "https://unpkg.com/@telnyx/webrtc@2.9.0/lib/bundle.js", "package @telnyx/webrtc / lib/bundle.js"),
            ("web/index.html", "nowhere.js", "missing"),
            ("shop/templates/call.html", "{% static 'js/call.js' %}", "shop/static/js/call.js"),
            ("shop/templates/call.html", "{{ url_for('static', filename='js/call.js') }}?v=1", "shop/static/js/call.js"),
            ("web/index.html", "{{ base }}/js/call.js?v={{ v }}", "missing"),
            ("shop/templates/call.html", "<%= root %>/js/call.js", "shop/static/js/call.js"),
            ("shop/templates/call.html", "{{ url }}", "missing"),
        ],
    );
}

#[test]
fn deno_import_maps_map_names() {
    check(
        &[
            (
                "deno.jsonc",
                r#"{ // map
                "imports": {"@telnyx/webrtc": "npm:@telnyx/webrtc@2", "rtc": "npm:@telnyx/webrtc@^2.1", "lib/": "./src/lib/", "conf": "./src/conf.ts"}}"#,
            ),
            ("src/lib/a.ts", ""),
            ("src/conf.ts", ""),
            ("src/main.ts", ""),
        ],
        &[
            ("src/main.ts", "@telnyx/webrtc", "package @telnyx/webrtc"),
            ("src/main.ts", "rtc", "package @telnyx/webrtc"),
            ("src/main.ts", "lib/a.ts", "src/lib/a.ts"),
            ("src/main.ts", "conf", "src/conf.ts"),
        ],
    );
}

#[test]
fn importers_are_found_through_every_spelling() {
    let tree = Tree::new(&[
        ("package.json", r#"{"name": "root", "workspaces": ["packages/*"]}"#),
        ("tsconfig.json", r#"{"compilerOptions": {"paths": {"@lib/*": ["./src/lib/*"], "settings": ["./src/lib/phone/index.ts"]}}}"#),
        ("src/lib/phone/index.ts", ""),
        ("src/lib/phone/self.ts", "import '.'"),
        ("src/lib/phone/deep/up.ts", "import '..'"),
        ("src/lib/other.ts", "import './phone/index.js'"),
        ("src/a.ts", "export * from './lib/phone'"),
        ("src/b.ts", "const x = require('@lib/phone')"),
        ("src/c.ts", "import '@/lib/phone'"),
        ("src/d.ts", "import 'settings'"),
        ("src/e.ts", "import './phone'"),
        ("src/phone.ts", ""),
        ("packages/auth/package.json", r#"{"name": "@x/auth", "exports": {".": "./src/main.ts", "./go": "./src/mint.ts"}}"#),
        ("packages/auth/src/main.ts", ""),
        ("packages/auth/src/mint.ts", ""),
        ("web/index.html", "<script type=module src=/main.tsx></script>"),
        ("web/main.tsx", "import { x } from '@x/auth'; import('@x/auth/go')"),
    ]);
    let (project, _) = tree.load();
    let importers = |path: &str| -> Vec<String> {
        let id = project.file_by_path(path).unwrap();
        project.importers(id).iter().map(|(from, specifier)| format!("{} {specifier}", project.file(*from).unwrap().path)).collect()
    };
    assert_eq!(
        importers("src/lib/phone/index.ts"),
        [
            "src/a.ts ./lib/phone",
            "src/b.ts @lib/phone",
            "src/c.ts @/lib/phone",
            "src/d.ts settings",
            "src/lib/other.ts ./phone/index.js",
            "src/lib/phone/deep/up.ts ..",
            "src/lib/phone/self.ts .",
        ]
    );
    assert_eq!(importers("src/phone.ts"), ["src/e.ts ./phone"]);
    assert_eq!(importers("packages/auth/src/main.ts"), ["web/main.tsx @x/auth"]);
    assert_eq!(importers("packages/auth/src/mint.ts"), ["web/main.tsx @x/auth/go"]);
    assert_eq!(importers("web/main.tsx"), ["web/index.html /main.tsx"]);
}

#[test]
fn the_nearest_manifest_describes_a_file() {
    let tree = Tree::new(&[
        ("package.json", r#"{"name": "root", "workspaces": {"packages": ["apps/*"]}}"#),
        (
            "apps/web/package.json",
            "{ \"name\": \"web\", \"private\": true, // note\n \"dependencies\": {\"@telnyx/webrtc\": \"^2.17.0\", \"rtc\": \"npm:@telnyx/react-client@1\"}, \
             \"devDependencies\": {\"vite\": \"5\"}, \"main\": \"./a.js\", }",
        ),
        ("apps/web/src/a.ts", ""),
        ("supabase/functions/deno.json", r#"{"imports": {"x": "npm:@telnyx/webrtc@2.25", "y": "https://esm.sh/telnyx@6", "z": "./z.ts"}}"#),
        ("supabase/functions/f/index.ts", ""),
        ("apps/broken/package.json", "[1, 2"),
        ("apps/broken/a.ts", ""),
    ]);
    let (project, _) = tree.load();
    let package = |path: &str| project.package_of(project.file_by_path(path).unwrap()).unwrap();
    let web = package("apps/web/src/a.ts");
    assert_eq!((web.name.as_deref(), &*web.folder, web.private), (Some("web"), "apps/web", true));
    assert_eq!(&*web.dependency("@telnyx/webrtc").unwrap().range, "^2.17.0");
    assert_eq!(&*web.dependency("@telnyx/react-client").unwrap().range, "1");
    assert_eq!(web.dependency("vite").unwrap().kind, DependencyKind::Development);
    let functions = package("supabase/functions/f/index.ts");
    let listed: Vec<(&str, &str)> = functions.dependencies.iter().map(|it| (&*it.name, &*it.range)).collect();
    assert_eq!(listed, [("@telnyx/webrtc", "2.25"), ("telnyx", "6")]);
    assert_eq!(package("apps/broken/a.ts").name.as_deref(), Some("root"));
    assert_eq!(package("package.json").workspaces.iter().map(|it| &**it).collect::<Vec<_>>(), ["apps/*"]);
}
