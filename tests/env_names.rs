//! A finding about an environment variable carries both ends: where the variable is set and where the browser's code reads it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::BTreeSet;

use authlint::finding::Finding;
use authlint::source::Location;
use harness::{Project, TestResult};

/// One project: its files, the rule, the place where the variable is set, and the one where code reads it.
struct Case {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    rule: &'static str,
    set: &'static str,
    read: &'static str,
}

const VITE: (&str, &str) = ("package.json", "{\"devDependencies\": {\"vite\": \"^6.0.0\"}}\n");
const NEXT: (&str, &str) = ("package.json", "{\"dependencies\": {\"next\": \"^15.0.0\"}}\n");
const PAGE: (&str, &str) = ("index.html", "<script type=\"module\" src=\"/src/phone.ts\"></script>\n");

const CASES: &[Case] = &[
    Case {
        what: "a password of a client, under a name that does not say whose",
        files: &[
            (".env", "PORT=1\nVITE_SIP_PASS={{fake:password:1}}\n"),
            (
                "src/phone.ts",
                "import { TelnyxRTC } from '@telnyx/webrtc'\nconst password = import.meta.env.VITE_SIP_PASS\nexport const c = new TelnyxRTC({ login: user(), password })\n",
            ),
            VITE,
            PAGE,
        ],
        rule: "password-login",
        set: ".env:2",
        read: "src/phone.ts:2",
    },
    Case {
        what: "the user name of a client",
        files: &[
            ("compose.yaml", "services:\n  web:\n    build:\n      args:\n        VITE_TELNYX_SIP_USERNAME: agent1\n"),
            (
                "src/phone.ts",
                "import { TelnyxRTC } from '@telnyx/webrtc'\nconst login = import.meta.env.VITE_TELNYX_SIP_USERNAME\nexport const c = new TelnyxRTC({ login, password: ask() })\n",
            ),
            VITE,
            PAGE,
        ],
        rule: "shared-credential",
        set: "compose.yaml:5",
        read: "src/phone.ts:2",
    },
    Case {
        what: "an API key that client code uses",
        files: &[
            (".github/workflows/deploy.yml", "jobs:\n  a:\n    env:\n      VITE_TELNYX_API_KEY: ${{ secrets.KEY }}\n"),
            (
                "src/phone.ts",
                "export const send = () =>\n  fetch('https://api.telnyx.com/v2/messages', { headers: { Authorization: `Bearer ${import.meta.env.VITE_TELNYX_API_KEY}` } })\n",
            ),
            VITE,
            PAGE,
        ],
        rule: "api-key-in-client",
        set: ".github/workflows/deploy.yml:4",
        read: "src/phone.ts:2",
    },
    Case {
        what: "a login token",
        files: &[
            (".env.production", "VITE_TELNYX_LOGIN_TOKEN={{fake:jwt:1}}\n"),
            (
                "src/phone.ts",
                "import { TelnyxRTC } from '@telnyx/webrtc'\nexport const c = new TelnyxRTC({ login_token: import.meta.env.VITE_TELNYX_LOGIN_TOKEN })\n",
            ),
            VITE,
            PAGE,
        ],
        rule: "secret-in-public-env",
        set: ".env.production:1",
        read: "src/phone.ts:2",
    },
    Case {
        what: "a login token whose file git leaves out",
        files: &[
            (".gitignore", ".env.local\n"),
            (".env.local", "VITE_TELNYX_LOGIN_TOKEN={{fake:jwt:2}}\n"),
            (
                "src/phone.ts",
                "import { TelnyxRTC } from '@telnyx/webrtc'\nexport const c = new TelnyxRTC({ login_token: import.meta.env.VITE_TELNYX_LOGIN_TOKEN })\n",
            ),
            VITE,
            PAGE,
        ],
        rule: "secret-in-public-env",
        set: ".env.local:1",
        read: "src/phone.ts:2",
    },
    Case {
        what: "a password that the bundler's configuration inlines",
        files: &[
            ("next.config.js", "module.exports = {\n  env: { TELNYX_SIP_PASSWORD: process.env.TELNYX_SIP_PASSWORD },\n}\n"),
            (
                "app/phone.tsx",
                "'use client'\n// Telnyx\nexport const Phone = ({ dial }) => <b onClick={() => dial(process.env.TELNYX_SIP_PASSWORD)}>call</b>\n",
            ),
            NEXT,
        ],
        rule: "secret-in-public-env",
        set: "next.config.js:2",
        read: "app/phone.tsx:3",
    },
    Case {
        what: "a prefix of the project's own",
        files: &[
            (".env", "PHONE_TELNYX_API_KEY={{fake:api-key:1}}\n"),
            ("vite.config.ts", "export default { envPrefix: 'PHONE_' }\n"),
            (
                "src/phone.ts",
                "export const send = () =>\n  fetch('https://api.telnyx.com/v2/messages', { headers: { Authorization: `Bearer ${import.meta.env.PHONE_TELNYX_API_KEY}` } })\n",
            ),
            VITE,
            PAGE,
        ],
        rule: "api-key-in-client",
        set: ".env:1",
        read: "src/phone.ts:2",
    },
    Case {
        what: "SvelteKit",
        files: &[
            (".env", "PUBLIC_TELNYX_SIP_PASSWORD={{fake:password:2}}\n"),
            (
                "src/routes/+page.svelte",
                "<script>\n  import { PUBLIC_TELNYX_SIP_PASSWORD } from '$env/static/public'\n  import { dial } from '$lib/dial'\n  dial(PUBLIC_TELNYX_SIP_PASSWORD)\n</script>\n",
            ),
            ("package.json", "{\"devDependencies\": {\"@sveltejs/kit\": \"^2.0.0\", \"vite\": \"^6.0.0\"}}\n"),
        ],
        rule: "secret-in-public-env",
        set: ".env:1",
        read: "src/routes/+page.svelte:4",
    },
];

/// Every place that a finding names: its own, its labels', the steps of its way.
fn places(finding: &Finding) -> impl Iterator<Item = Location> {
    let labels = finding.labels.iter().map(|label| label.location);
    std::iter::once(finding.primary).chain(labels).chain(finding.flow.iter().map(|step| step.location))
}

#[test]
fn findings_about_variables_name_where_they_are_set_and_where_they_are_read() -> TestResult {
    let mut failures = Vec::new();
    for case in CASES {
        let files = case.files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let project = Project::new(&files)?;
        let request = authlint::CheckRequest { root: project.root().to_path_buf(), ..Default::default() };
        let outcome = authlint::check(&request).map_err(|error| error.to_string())?;
        let told: Vec<BTreeSet<String>> = outcome
            .findings
            .iter()
            .filter(|finding| finding.rule == case.rule)
            .map(|finding| {
                let place = |at: Location| {
                    let file = outcome.sources.get(at.file).expect("the text of a named place is kept");
                    format!("{}:{}", file.path, file.line_of(at.span.start))
                };
                places(finding).map(place).collect()
            })
            .collect();
        if !told.iter().any(|places| places.contains(case.set) && places.contains(case.read)) {
            failures.push(format!("{}: {} names {told:?}, not both {} and {}\n", case.what, case.rule, case.set, case.read));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.concat());
    Ok(())
}
